using SafeKit.Filter.Probing;

namespace SafeKit.Daemon.Probing;

/// <summary>Where test frames of one kind are sent to.</summary>
public sealed record ProbeTarget(ProbeKind Kind, string Mac);
