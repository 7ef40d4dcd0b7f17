using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What the heart of a mirror module must know; identical on both nodes but for who is who.</summary>
public sealed record HeartSettings
{
    public required NodeId Self { get; init; }

    public required NodeId Peer { get; init; }

    /// <summary>One per lan, in the order of the lans.</summary>
    public required IReadOnlyList<HeartLanTiming> Lans { get; init; }

    internal long PulseNs => Lans.Min(lan => lan.PulseNs);

    internal long TimeoutNs => Lans.Max(lan => lan.TimeoutNs);

    internal void Check()
    {
        if (Self == Peer)
            throw new SafeKitException("heart settings: a node is not its own peer");
        if (Lans.Count is 0 or > Limits.LansMax)
            throw new SafeKitException($"<heart>: {Lans.Count} heartbeat lans; 1 to {Limits.LansMax} are possible");
        foreach (HeartLanTiming lan in Lans)
            lan.Check();
    }
}
