namespace SafeKit.Modules;

/// <summary>
/// What <c>&lt;farm&gt;</c> says. Null means not given: then this version's own quicker defaults apply.
/// </summary>
public sealed record FarmConfiguration(
    int? Port, int? PulseMs, int? MlostCount, int? SlostCount, int? LeaseMs, IReadOnlyList<FarmLan> LanElements, SourcePlace Place = default)
{
    /// <summary>How long a stop gives connections to end, unless <c>drain_timeout</c> says otherwise.</summary>
    public static readonly TimeSpan DrainTimeoutDefault = TimeSpan.FromSeconds(10);

    private const int FirstPort = 4803;

    /// <summary>Each module has three ports, as users' firewalls expect.</summary>
    private const int PortsPerModule = 3;

    /// <summary>How long a stop waits for connections before it closes.</summary>
    public TimeSpan DrainTimeout { get; init; } = DrainTimeoutDefault;

    /// <summary>Names of the lans that are given by name.</summary>
    public IReadOnlyList<string> Lans { get; } = [.. LanElements.Where(lan => lan.Name.Length > 0).Select(lan => lan.Name)];

    /// <summary>The membership port of the module with this id (1, 2, ...).</summary>
    public int PortOf(int moduleId) => Port ?? FirstPort + (moduleId - 1) * PortsPerModule;

    /// <summary>Names of all lans; those in the old syntax are found by their addresses.</summary>
    public IReadOnlyList<string> LanNames(ClusterConfiguration cluster) =>
        [.. LanElements.Select(lan => FindLan(lan, cluster)?.Name).OfType<string>().Distinct()];

    internal static ClusterLan? FindLan(FarmLan lan, ClusterConfiguration cluster) =>
        lan.Name.Length > 0
            ? cluster.Lan(lan.Name)
            : cluster.Lans.FirstOrDefault(candidate => lan.Nodes.Count > 0 && lan.Nodes.All(
                node => candidate.Node(node.Name) is { } known
                    && (known.Address.Equals(node.Address) || node.Address.Equals(known.LocalAddress))));
}
