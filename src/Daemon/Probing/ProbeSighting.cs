using SafeKit.Filter.Probing;

namespace SafeKit.Daemon.Probing;

/// <summary>A frame of this kind arrived from the node of this number.</summary>
public sealed record ProbeSighting(byte Sender, ProbeKind Kind);
