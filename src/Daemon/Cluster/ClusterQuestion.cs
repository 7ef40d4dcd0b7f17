using SafeKit.Core.Control;
using SafeKit.Daemon.Probing;

namespace SafeKit.Daemon.Cluster;

/// <summary>
/// What one daemon asks another: its state, or, with <paramref name="Trace"/>, its filter's verdict, or, with <paramref name="Held"/>, which
/// connections it holds, or, with <paramref name="Probe"/>, a step of a test of the network.
/// </summary>
public sealed record ClusterQuestion(TraceRequest? Trace, HeldQuestion? Held = null, ProbeQuestion? Probe = null);
