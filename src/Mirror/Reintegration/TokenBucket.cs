using SafeKit.Core;

namespace SafeKit.Mirror.Reintegration;

/// <summary>A cap on bytes per second, shared by the threads of a reintegration.</summary>
internal sealed class TokenBucket(long bytesPerSecond)
{
    private const double NsPerSecond = 1e9;

    private readonly Lock _lock = new();
    private long _nextNs;

    /// <summary>Waits until these bytes may be sent. False when cancelled.</summary>
    public bool Take(long bytes, CancellationToken cancel)
    {
        if (bytesPerSecond <= 0)
            return !cancel.IsCancellationRequested;
        long waitNs;
        lock (_lock)
        {
            long now = MonotonicClock.NowNs;
            _nextNs = Math.Max(_nextNs, now);
            waitNs = _nextNs - now;
            _nextNs += (long)(bytes * NsPerSecond / bytesPerSecond);
        }

        return !cancel.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(MonotonicClock.ToMs(waitNs)));
    }

    /// <summary>What was taken and not sent.</summary>
    public void GiveBack(long bytes)
    {
        if (bytesPerSecond <= 0 || bytes <= 0)
            return;
        lock (_lock)
            _nextNs -= (long)(bytes * NsPerSecond / bytesPerSecond);
    }
}
