using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Story;

/// <summary>
/// Members and shares as each node sees them. Not the view's number: the view in which a leader forgets former holders, which may come at any time,
/// has the same members and owners.
/// </summary>
public static class FarmStanding
{
    public static async Task<string> OfAsync(ClusterLab lab, CancellationToken cancel = default)
    {
        var standings = await Task.WhenAll(lab.Nodes.Select(async node => $"{node.Name} {Of(await node.StateAsync(cancel))}"));
        return string.Join(", ", standings);
    }

    private static string Of(Core.Control.NodeState? state)
    {
        var module = state?.Modules.FirstOrDefault(m => m.Module == ClusterFiles.Module);
        var members = module?.Membership?.Nodes.Where(n => n.Member).Select(n => n.Node) ?? [];
        return $"{string.Join('+', members)} {string.Join('+', module?.Shares.Select(share => share.Buckets) ?? [])}";
    }
}
