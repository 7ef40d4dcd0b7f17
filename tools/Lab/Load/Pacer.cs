using SafeKit.Core;

namespace SafeKit.Lab.Load;

/// <summary>Steps of a fixed length on the caller's thread. A late step does not make the next ones come in a burst.</summary>
internal sealed class Pacer(long intervalNs)
{
    private const long SpinBelowNs = 200_000;

    private long _nextNs = MonotonicClock.NowNs;

    public void WaitForNext()
    {
        _nextNs += intervalNs;
        var left = _nextNs - MonotonicClock.NowNs;
        if (left < -intervalNs)
            _nextNs = MonotonicClock.NowNs;
        else if (left > SpinBelowNs)
            Thread.Sleep(TimeSpan.FromMicroseconds(left / 1000.0));
    }
}
