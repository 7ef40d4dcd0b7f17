using SafeKit.Core;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Logging;

namespace SafeKit.Daemon.Farm;

/// <summary>What a module is given to live in.</summary>
/// <param name="Id">1-based; fixes the module's ports and its slot in the filter.</param>
/// <param name="Fail">Called when going on would be unsafe: the process must end.</param>
public sealed record ModuleContext(
    string Name, int Id, NodePaths Paths, ClusterContext Cluster, FilterHost Filter, Action<string> Fail)
{
    public int Slot => Id - 1;

    /// <summary>The number of the life that begins now. A disk that refuses must not silence the node: then the wall clock alone decides.</summary>
    public ulong BeginLife(ModuleLog log)
    {
        var byClock = (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks;
        try
        {
            return new NodeLife(Paths.ModuleVar(Name)).Next(byClock);
        }
        catch (SafeKitException e)
        {
            log.Critical("life", $"{e.Message}; if the clock was set back since this node was heard last, the others do not hear it until then");
            return byClock;
        }
    }
}
