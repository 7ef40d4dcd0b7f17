using SafeKit.Core.Control;

namespace SafeKit.Daemon.Cluster;

/// <summary>
/// What one daemon asks another: its state, or, with <paramref name="Trace"/>, its filter's verdict, or, with <paramref name="Held"/>, which
/// connections it holds.
/// </summary>
public sealed record ClusterQuestion(TraceRequest? Trace, HeldQuestion? Held = null);
