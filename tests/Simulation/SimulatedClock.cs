namespace SafeKit.Simulation;

/// <summary>A node's monotonic clock: started at some time of its own, and a little fast or slow.</summary>
public sealed class SimulatedClock(long offsetNs, int ratePpm)
{
    public long Local(long trueNs) => offsetNs + trueNs + (trueNs / 1_000_000 * ratePpm);

    /// <summary>The first true instant at which the clock shows at least this time.</summary>
    public long True(long localNs)
    {
        long guess = localNs - offsetNs;
        guess -= guess / 1_000_000 * ratePpm;
        while (Local(guess) < localNs)
            guess += 1 + ((localNs - Local(guess)) / 2);
        return guess;
    }

    public int RatePpm => ratePpm;
}
