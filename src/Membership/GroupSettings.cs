namespace SafeKit.Membership;

/// <summary>A group of load-balancing rules that share one table of buckets: its name and each node's power in it.</summary>
public sealed record GroupSettings(string Name, IReadOnlyList<int> PowerByNode);
