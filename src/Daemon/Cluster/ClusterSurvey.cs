using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Farm;

namespace SafeKit.Daemon.Cluster;

/// <summary>Asks every node of the cluster at once, and answers the others' questions about this one.</summary>
public sealed class ClusterSurvey(RunningNode node)
{
    private ClusterContext Cluster => node.Cluster;

    public async Task<ClusterState> StateAsync(CancellationToken cancel)
    {
        var nodes = await Task.WhenAll(Cluster.Configuration.Nodes.Select(name => StateOfAsync(name, cancel)));
        return new ClusterState(nodes);
    }

    public async Task<TraceAnswer> TraceAsync(TraceRequest request, CancellationToken cancel)
    {
        var own = node.Filter.Trace(request, node);
        if (request.Local)
            return new TraceAnswer([own]);
        var verdicts = Cluster.Configuration.Nodes.Select(name =>
            name == Cluster.SelfName ? Task.FromResult(own) : VerdictOfAsync(name, request, cancel));
        return new TraceAnswer(await Task.WhenAll(verdicts));
    }

    /// <summary>What this node answers another one.</summary>
    public ClusterAnswer Answer(ClusterQuestion question) => question switch
    {
        { Trace: { } trace } => new ClusterAnswer(null, node.Filter.Trace(trace, node)),
        { Held: { } held } => new ClusterAnswer(null, null, (node.Module(held.Module) as FarmModule)?.MayHold(held)),
        _ => new ClusterAnswer(OwnState(), null),
    };

    private ClusterNodeState OwnState() =>
        new(Cluster.SelfName, true, "", Cluster.Signature, true, node.ModuleStates());

    private async Task<ClusterNodeState> StateOfAsync(string name, CancellationToken cancel)
    {
        if (name == Cluster.SelfName)
            return OwnState();
        try
        {
            var state = (await AskAsync(name, null, cancel)).State ?? throw new SafeKitException("no state in the answer");
            return state with { Node = name, SameCluster = state.ClusterSignature == Cluster.Signature };
        }
        catch (SafeKitException e)
        {
            return new ClusterNodeState(name, false, e.Message, "", false, []);
        }
    }

    private async Task<NodeVerdict> VerdictOfAsync(string name, TraceRequest request, CancellationToken cancel)
    {
        try
        {
            var verdict = (await AskAsync(name, request, cancel)).Verdict ?? throw new SafeKitException("no verdict in the answer");
            return verdict with { Node = name };
        }
        catch (SafeKitException e)
        {
            return new NodeVerdict(name, "", "", -1, "", "unreachable", e.Message);
        }
    }

    private Task<ClusterAnswer> AskAsync(string name, TraceRequest? trace, CancellationToken cancel) =>
        Cluster.Configuration.CommandLan.Node(name) is null
            ? throw new SafeKitException($"{name} is not on the lan {Cluster.Configuration.CommandLan.Name}, which carries commands")
            : ClusterClient.AskAsync(Cluster.CommandEndpoint(name), Cluster.Key, new ClusterQuestion(trace), cancel);
}
