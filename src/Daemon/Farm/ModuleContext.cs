using SafeKit.Core;
using SafeKit.Daemon.Cluster;

namespace SafeKit.Daemon.Farm;

/// <summary>What a module is given to live in.</summary>
/// <param name="Id">1-based; fixes the module's ports and its slot in the filter.</param>
/// <param name="Fail">Called when going on would be unsafe: the process must end.</param>
public sealed record ModuleContext(
    string Name, int Id, NodePaths Paths, ClusterContext Cluster, FilterHost Filter, Action<string> Fail)
{
    public int Slot => Id - 1;
}
