using SafeKit.Core.Control;
using SafeKit.Daemon.Probing;

namespace SafeKit.Daemon.Cluster;

/// <summary>
/// The answer: <paramref name="State"/>, <paramref name="Verdict"/>, <paramref name="MayHold"/> or <paramref name="Probe"/>, as was asked.
/// </summary>
public sealed record ClusterAnswer(
    ClusterNodeState? State, NodeVerdict? Verdict, IReadOnlyList<bool>? MayHold = null, ProbeAnswer? Probe = null);
