namespace SafeKit.Core.Control;

/// <summary>Answer of <c>GET /api/v1/state</c>: everything that one node knows, each fact with its age where it can be old.</summary>
public sealed record NodeState(
    string Node,
    string Version,
    string ClusterSignature,
    double UptimeS,
    IReadOnlyList<ModuleState> Modules,
    FilterState Filter);
