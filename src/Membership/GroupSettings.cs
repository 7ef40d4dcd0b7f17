namespace SafeKit.Membership;

/// <summary>
/// A group of load-balancing rules that share one table of buckets: its name, each node's power in it, and whether buckets with recent
/// activity stay where they are when another node takes its share.
/// </summary>
public sealed record GroupSettings(string Name, IReadOnlyList<int> PowerByNode, bool HasAffinity = false);
