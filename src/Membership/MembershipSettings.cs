using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What the protocol must know about the cluster; identical on every node but for <see cref="Self"/>.</summary>
public sealed record MembershipSettings
{
    public const int PulseMsDefault = 50;
    public const int SlostCountDefault = 4;
    public const int MlostCountDefault = 5;

    /// <summary>Clocks of two nodes may differ in rate; the waiting side waits this much longer, in percent.</summary>
    public const int FenceMarginPercent = 2;

    /// <summary>Added to every fence: covers the granularity of timers and of the ageing of reports.</summary>
    public const int FenceMarginMs = 5;

    public required int NodeCount { get; init; }

    public required NodeId Self { get; init; }

    public int PulseMs { get; init; } = PulseMsDefault;

    /// <summary>Missed heartbeats after which a follower is lost.</summary>
    public int SlostCount { get; init; } = SlostCountDefault;

    /// <summary>Missed heartbeats after which the leader is lost.</summary>
    public int MlostCount { get; init; } = MlostCountDefault;

    /// <summary>
    /// A lease that is longer than the other settings ask for, so that a daemon can be replaced while it lasts: then the
    /// others are patient with a silent node for as long, less the time in which they agree. Null for the shortest.
    /// </summary>
    public int? LeaseMsGiven { get; init; }

    /// <summary>
    /// How long after a bucket was lost its connections are first counted: handshakes that began before have ended by then, or have
    /// lost three packets in a row.
    /// </summary>
    public const int SettleMsDefault = 5_000;

    public int SettleMs { get; init; } = SettleMsDefault;

    /// <summary>Digest of everything that must be equal on all nodes; a node with another one is not let in.</summary>
    public required ulong ConfigurationSignature { get; init; }

    public required IReadOnlyList<GroupSettings> Groups { get; init; }

    internal ProtocolMistake Mistake { get; init; }

    /// <summary>
    /// The lease outlasts detection by enough to agree on the next view, so that the others' leases bridge the change: an
    /// acknowledgement is up to two pulses old when the leader falls silent, and one more may have been lost.
    /// </summary>
    public int LeaseMs => LeaseMsGiven ?? LeaseMsMin;

    /// <summary>The lease that detection and agreement need.</summary>
    public int LeaseMsMin => (Math.Max(SlostCount, MlostCount) * PulseMs) + AgreementMs;

    /// <summary>
    /// How long a node's daemon may be away without anybody's acting on it: the patience with a silent node, less the pulse in which it
    /// was due when it went, and the one until it has heard and echoed the others again.
    /// </summary>
    public int AbsenceMsMax =>
        (int)MonotonicClock.ToMs(SilenceNs(Math.Min(SlostCount, MlostCount))) - (2 * PulseMs);

    private int AgreementMs => Math.Max(3 * PulseMs, 100);

    internal long PulseNs => MonotonicClock.FromMs(PulseMs);

    internal long SettleNs => MonotonicClock.FromMs(SettleMs);

    internal long LeaseNs => MonotonicClock.FromMs(LeaseMs);

    /// <summary>How long after its last acknowledged heartbeat a silent node may still act, seen from another clock.</summary>
    internal long FenceNs => (LeaseNs * (100 + FenceMarginPercent) / 100) + MonotonicClock.FromMs(FenceMarginMs);

    /// <summary>How long a node may be silent that is lost after so many heartbeats.</summary>
    internal long SilenceNs(int count) =>
        Math.Max(count * PulseNs, LeaseMsGiven is null ? 0 : MonotonicClock.FromMs(LeaseMs - AgreementMs));

    internal void Check()
    {
        Require(NodeCount is > 0 and <= Limits.NodesMax, $"1 to {Limits.NodesMax} nodes");
        Require(Self.Index < NodeCount, "this node is one of the cluster's");
        Require(PulseMs is >= 5 and <= 60_000, "pulse is between 5 ms and 60 s");
        Require(SlostCount is >= 2 and <= 1000, "slost_count is between 2 and 1000");
        Require(MlostCount is >= 2 and <= 1000, "mlost_count is between 2 and 1000");
        Require(LeaseMs >= LeaseMsMin, $"the lease is at least {LeaseMsMin} ms, which detection and agreement take");
        Require(LeaseMs is > 0 and <= 3_600_000, "the lease is between 1 ms and one hour");
        Require(Groups.Count is > 0 and <= Limits.GroupsMax, $"1 to {Limits.GroupsMax} groups");
        foreach (GroupSettings group in Groups)
        {
            Require(group.PowerByNode.Count == NodeCount, $"group {group.Name} has a power for every node");
            bool inRange = group.PowerByNode.All(power => power is >= 0 and <= Limits.PowerMax);
            Require(inRange, $"powers of group {group.Name} are 0 to {Limits.PowerMax}");
        }
    }

    private static void Require(bool holds, string statement)
    {
        if (!holds)
            throw new SafeKitException($"membership settings: it must hold that {statement}");
    }
}
