using SafeKit.Core.Control;

namespace SafeKit.Daemon.Cluster;

/// <summary>The answer: <paramref name="State"/>, <paramref name="Verdict"/> or <paramref name="MayHold"/>, as was asked.</summary>
public sealed record ClusterAnswer(ClusterNodeState? State, NodeVerdict? Verdict, IReadOnlyList<bool>? MayHold = null);
