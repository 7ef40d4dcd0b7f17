namespace SafeKit.Mirror.Recording;

/// <summary>Wakes one waiting thread; a signal given while nobody waits is kept. Cheaper than a handle of the runtime's.</summary>
internal sealed class Signal
{
    private readonly object _lock = new();
    private bool _isSet;

    public void Set()
    {
        lock (_lock)
        {
            _isSet = true;
            Monitor.Pulse(_lock);
        }
    }

    public void Wait(int limitMs)
    {
        lock (_lock)
        {
            if (!_isSet)
                Monitor.Wait(_lock, limitMs);
            _isSet = false;
        }
    }
}
