using SafeKit.Membership;
using SafeKit.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>What one configuration of a mirror module means on this node.</summary>
public sealed record MirrorPlan
{
    public required string PeerName { get; init; }

    public required MirrorModuleSettings Machine { get; init; }

    public required HeartOptions Heart { get; init; }

    /// <summary>Names of the resources <c>heartbeat.</c>, in the order of the lans.</summary>
    public required IReadOnlyList<string> HeartbeatIdents { get; init; }

    /// <summary>Equal on two nodes if and only if both know the same cluster and the same module.</summary>
    public required ulong Signature { get; init; }

    /// <summary>Null without <c>&lt;rfs&gt;</c>.</summary>
    public required ReplicatedDataSettings? Data { get; init; }
}
