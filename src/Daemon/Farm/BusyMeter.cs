using SafeKit.Core;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// Which buckets were used within the affinity timeout of their group. The filter leaves a coarse tick for each; here counts when it was
/// last seen to have changed, so that no clock need be compared. Not thread-safe.
/// </summary>
public sealed class BusyMeter(IReadOnlyList<TimeSpan?> timeouts)
{
    private readonly uint[] _seen = new uint[timeouts.Count * Limits.BucketsPerGroup];
    private readonly long[] _changedNs = NeverChanged(timeouts.Count * Limits.BucketsPerGroup);

    public bool IsNeeded { get; } = timeouts.Any(timeout => timeout is not null);

    /// <summary>For each group a bit per bucket.</summary>
    public byte[] Read(ReadOnlySpan<uint> ticks, long nowNs)
    {
        var busy = new byte[_seen.Length / 8];
        for (var i = 0; i < ticks.Length; i++)
        {
            if (timeouts[i / Limits.BucketsPerGroup] is not { } timeout)
                continue;
            if (ticks[i] != _seen[i])
                (_seen[i], _changedNs[i]) = (ticks[i], nowNs);
            if (nowNs - _changedNs[i] < MonotonicClock.FromMs((long)timeout.TotalMilliseconds))
                busy[i >> 3] |= (byte)(1 << (i & 7));
        }

        return busy;
    }

    private static long[] NeverChanged(int buckets)
    {
        var instants = new long[buckets];
        Array.Fill(instants, long.MinValue / 2);
        return instants;
    }
}
