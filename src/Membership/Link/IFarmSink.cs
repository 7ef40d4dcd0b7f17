namespace SafeKit.Membership;

/// <summary>What the daemon does for the membership thread; called on that thread, so it must be quick and never wait.</summary>
public interface IFarmSink
{
    /// <summary>Make these rows (groups x buckets) the filter's.</summary>
    void InstallRows(ReadOnlySpan<byte> rows);

    /// <summary>The table by which the next rows were made (<see cref="IMembershipOutput.InstallTable"/>).</summary>
    void InstallTable(BucketTable table)
    {
    }

    /// <summary>The instant of the monotonic clock until which the filter may take packets; 0 for not at all.</summary>
    void SetLease(long untilMonotonicNs);

    void Log(in MembershipDecision decision);
}
