using System.Globalization;
using SafeKit.Core.Control;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab;

/// <summary>What every node says of itself at one moment; null for a node that does not answer.</summary>
public sealed record ClusterPicture(IReadOnlyDictionary<string, NodeState?> States)
{
    /// <summary>The lab's module on a node; null when the node does not answer or does not have it.</summary>
    public ModuleState? Module(string node) =>
        States.GetValueOrDefault(node)?.Modules.FirstOrDefault(module => module.Module == ClusterFiles.Module);

    public bool IsUp(string node) => Module(node) is { State: "UP", Status: "Ready" };

    /// <summary>Buckets that a node holds, all groups together.</summary>
    public int Buckets(string node) => Module(node)?.Shares.Sum(share => share.Buckets) ?? 0;

    public int BucketsOfAll => States.Keys.Select(Module).OfType<ModuleState>()
        .Select(module => module.Shares.Sum(share => share.BucketsOfGroup)).DefaultIfEmpty().Max();

    /// <summary>Difference between the largest and the smallest share of the given nodes, in buckets.</summary>
    public int Spread(IReadOnlyCollection<string> nodes) => nodes.Max(Buckets) - nodes.Min(Buckets);

    /// <summary>Whether exactly these nodes run, agree on it, and share every bucket between them evenly.</summary>
    public bool IsWhole(IReadOnlyCollection<string> nodes) =>
        nodes.All(IsUp)
        && BucketsOfAll > 0
        && nodes.Sum(Buckets) == BucketsOfAll
        && Spread(nodes) <= 1
        && nodes.All(node => ServingSeenBy(node).SetEquals(nodes));

    /// <summary>The nodes that take part in the farm's traffic, as one node sees it.</summary>
    public HashSet<string> ServingSeenBy(string node) =>
        Module(node)?.Membership?.Nodes.Where(member => member is { Member: true, Serving: true })
            .Select(member => member.Node).ToHashSet() ?? [];

    /// <summary>One line for messages.</summary>
    public string Describe() => string.Join(", ", States.Keys.Order().Select(Describe));

    private string Describe(string node)
    {
        if (States[node] is null)
            return $"{node} no answer";
        if (Module(node) is not { } module)
            return $"{node} without module {ClusterFiles.Module}";
        var error = module.ErrorText is null ? "" : $" ({module.ErrorText})";
        var serving = string.Join("+", ServingSeenBy(node).Order());
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{node} {module.State} {module.Status} {Buckets(node)} buckets, sees {serving}{error}");
    }
}
