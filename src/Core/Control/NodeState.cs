namespace SafeKit.Core.Control;

/// <summary>Answer of <c>GET /api/v1/state</c>: everything that one node knows, each fact with its age where it can be old.</summary>
/// <param name="Problem">What keeps the whole node from working, with the remedy; null when nothing does.</param>
public sealed record NodeState(
    string Node,
    string? Problem,
    string Version,
    string ClusterSignature,
    double UptimeS,
    IReadOnlyList<ModuleState> Modules,
    FilterState Filter);
