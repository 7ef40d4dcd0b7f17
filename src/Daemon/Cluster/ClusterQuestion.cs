using SafeKit.Core.Control;

namespace SafeKit.Daemon.Cluster;

/// <summary>What one daemon asks another: its state, or, with <paramref name="Trace"/>, its filter's verdict.</summary>
public sealed record ClusterQuestion(TraceRequest? Trace);
