using SafeKit.Core.Control;

namespace SafeKit.Daemon.Cluster;

/// <summary>The answer: <paramref name="State"/> or <paramref name="Verdict"/>, as was asked.</summary>
public sealed record ClusterAnswer(ClusterNodeState? State, NodeVerdict? Verdict);
