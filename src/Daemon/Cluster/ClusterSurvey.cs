using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Probing;

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

    /// <summary>Has a node, perhaps this one, do a step of a test of the network.</summary>
    /// <exception cref="SafeKitException">It does not answer.</exception>
    public async Task<ProbeAnswer> ProbeAsync(string name, ProbeQuestion question, CancellationToken cancel)
    {
        if (name == Cluster.SelfName)
            return await Task.Run(() => node.Probes.Answer(question), cancel);
        var answer = await AskAsync(name, new ClusterQuestion(null, Probe: question), cancel);
        return answer.Probe ?? throw new SafeKitException("it knows no tests of the network; do all nodes run the same version?");
    }

    /// <summary>What this node answers another one.</summary>
    public ClusterAnswer Answer(ClusterQuestion question) => question switch
    {
        { Trace: { } trace } => new ClusterAnswer(null, node.Filter.Trace(trace, node)),
        { Held: { } held } => new ClusterAnswer(null, null, (node.Module(held.Module) as FarmModule)?.MayHold(held)),
        { Probe: { } probe } => new ClusterAnswer(null, null, null, node.Probes.Answer(probe)),
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
            var state = (await AskAsync(name, new ClusterQuestion(null), cancel)).State ?? throw new SafeKitException("no state in the answer");
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
            var answer = await AskAsync(name, new ClusterQuestion(request), cancel);
            var verdict = answer.Verdict ?? throw new SafeKitException("no verdict in the answer");
            return verdict with { Node = name };
        }
        catch (SafeKitException e)
        {
            return new NodeVerdict(name, "", "", -1, "", "unreachable", e.Message);
        }
    }

    private Task<ClusterAnswer> AskAsync(string name, ClusterQuestion question, CancellationToken cancel) =>
        Cluster.Configuration.CommandLan.Node(name) is null
            ? throw new SafeKitException($"{name} is not on the lan {Cluster.Configuration.CommandLan.Name}, which carries commands")
            : ClusterClient.AskAsync(Cluster.CommandEndpoint(name), Cluster.Key, question, cancel);
}
