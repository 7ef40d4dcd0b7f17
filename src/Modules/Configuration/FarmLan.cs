namespace SafeKit.Modules;

/// <summary>
/// A lan of <c>&lt;farm&gt;</c>: by name, or in the old syntax by the addresses of its nodes (then <see cref="Name"/> is empty).
/// </summary>
public sealed record FarmLan(string Name, IReadOnlyList<ClusterNodeAddress> Nodes, SourcePlace Place = default);
