using SafeKit.Core;

namespace SafeKit.Daemon.Farm;

/// <summary>How long to wait between two counts of the kernel's connections, so that counting many of them costs little of a processor.</summary>
public static class CountPace
{
    /// <summary>Of the time, at most one part in so many is spent on counting.</summary>
    private const int PartsOfTime = 20;

    /// <summary>A count that took long because the machine was busy must not keep a drain from ending.</summary>
    private static readonly long _waitMaxNs = MonotonicClock.FromMs(10_000);

    /// <param name="tookNs">How long the last count took.</param>
    /// <param name="leastNs">The shortest wait.</param>
    public static long WaitNs(long tookNs, long leastNs) => Math.Max(leastNs, Math.Min(tookNs * PartsOfTime, _waitMaxNs));
}
