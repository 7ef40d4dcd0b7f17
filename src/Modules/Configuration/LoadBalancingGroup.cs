namespace SafeKit.Modules;

/// <summary>
/// Rules that share one table. <see cref="Hosts"/> is null when all nodes take part with equal weight.
/// </summary>
public sealed record LoadBalancingGroup(
    string Name, IReadOnlyList<GroupHost>? Hosts, IReadOnlyList<LoadBalancingRule> Rules, SourcePlace Place = default)
{
    /// <summary>The longest of its rules: they share one table. Null when no rule has one.</summary>
    public TimeSpan? AffinityTimeout => Rules.Max(rule => rule.AffinityTimeout);

    /// <summary>Weight of a node: 1 without a host list, 0 for a node that the list leaves out.</summary>
    public int PowerOf(string node) =>
        Hosts is null ? 1 : Hosts.FirstOrDefault(host => host.Name == node)?.Power ?? 0;
}
