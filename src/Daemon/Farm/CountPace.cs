namespace SafeKit.Daemon.Farm;

/// <summary>How long to wait between two counts of the kernel's connections, so that counting many of them costs little of a processor.</summary>
public static class CountPace
{
    /// <summary>Of the time, at most one part in so many is spent on counting.</summary>
    private const int PartsOfTime = 20;

    /// <param name="tookNs">How long the last count took.</param>
    /// <param name="leastNs">The shortest wait.</param>
    public static long WaitNs(long tookNs, long leastNs) => Math.Max(leastNs, tookNs * PartsOfTime);
}
