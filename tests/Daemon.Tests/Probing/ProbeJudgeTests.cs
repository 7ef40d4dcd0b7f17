using SafeKit.Core.Control;
using SafeKit.Daemon.Probing;

namespace SafeKit.Daemon.Tests.Probing;

/// <summary>From what arrived to verdicts and a recommendation: every rule, and which goes before which.</summary>
public class ProbeJudgeTests
{
    private static readonly VipTestPath _all = new("", "", true, true, true, true, null);

    /// <summary>What is changed of a network of three nodes in which everything arrives; rules of both modes; the recommendation's beginning.</summary>
    public static TheoryData<string, string, string, string> Rows => new()
    {
        { "nothing", "works received", "works received", "keep vmac_invisible:" },
        { "unknown 1>3", "does not work flooding", "works received", "use vmac_directed:" },
        { "unknown 1>3, virtual 1>3", "does not work flooding", "works received", "use vmac_directed:" },
        { "promiscuous 1>3", "does not work promiscuous", "works received", "use vmac_directed:" },
        // One that a switch keeps away, whatever another one's card does: its remedy is named first, for it mends more.
        { "promiscuous 1>3, unknown 2>3", "does not work promiscuous", "works received", "use vmac_directed:" },
        { "virtual 2>1", "does not work mac-learned", "works received", "use vmac_directed:" },
        { "own 2>1", "works received", "does not work own-mac", "keep vmac_invisible:" },
        { "own 2>1, unknown 2>1", "does not work flooding", "does not work own-mac", "neither mode works" },
        { "everything 1>2", "does not work same-network", "does not work same-network", "neither mode works" },
        { "everything 1>2, unknown 1>3", "does not work same-network", "does not work same-network", "neither mode works" },
        { "interface 2", "does not work interface", "works received", "use vmac_directed:" },
        { "lan 2", "works received", "does not work interface", "keep vmac_invisible:" },
        { "interface 2, everything 1>2", "does not work interface", "does not work same-network", "neither mode works" },
        { "mac 2", "does not work same-configuration", "works received", "use vmac_directed:" },
        { "silent 3", "not known unreached", "not known unreached", "keep vmac_invisible for now:" },
        { "silent 3, silent 2", "not known unreached", "not known unreached", "keep vmac_invisible for now:" },
        { "silent 3, unknown 1>2", "does not work flooding", "not known unreached", "use vmac_directed (<" },
        { "silent 3, own 1>2", "not known unreached", "does not work own-mac", "keep vmac_invisible for now:" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void WhatArrivedDecides(string change, string invisible, string directed, string recommended)
    {
        var (nodes, paths) = Network(change);
        var judgement = ProbeJudge.Judge(isDirected: false, nodes, paths);
        Assert.Equal([$"vmac_invisible {invisible}", $"vmac_directed {directed}"], judgement.Modes.Select(m => $"{m.Mode} {m.Verdict} {m.Rule}"));
        Assert.StartsWith(recommended, judgement.Recommendation);
        Assert.Equal(invisible.StartsWith("works", StringComparison.Ordinal), judgement.Ok);
    }

    [Theory]
    [InlineData("nothing", "keep vmac_directed:", true)]
    [InlineData("unknown 1>3", "keep vmac_directed:", true)]
    [InlineData("lan 1", "use vmac_invisible:", false)]
    [InlineData("silent 2", "keep vmac_directed for now:", false)]
    public void WhatIsConfiguredIsKeptWhereItWorks(string change, string recommended, bool ok)
    {
        var (nodes, paths) = Network(change);
        var judgement = ProbeJudge.Judge(isDirected: true, nodes, paths);
        Assert.StartsWith(recommended, judgement.Recommendation);
        Assert.Equal(ok, judgement.Ok);
    }

    [Theory]
    [InlineData("unknown 1>3", "node1 to node3")]
    [InlineData("virtual 2>1", "node2 to node1")]
    [InlineData("own 2>1", "node2 to node1")]
    [InlineData("everything 1>2", "node1 to node2")]
    [InlineData("interface 2", "node2: a port of br0")]
    [InlineData("lan 2", "node2: no lan")]
    [InlineData("mac 2", "5a:fe:00:00:00:02 on node2")]
    [InlineData("silent 3", "node3: no answer")]
    public void AReasonNamesTheNodes(string change, string named)
    {
        var (nodes, paths) = Network(change);
        Assert.Contains(ProbeJudge.Judge(false, nodes, paths).Modes, m => m.Reason.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void AReasonStaysShortHoweverManyNodesThereAre()
    {
        var paths = Enumerable.Range(1, 127).Select(i => _all with { Sender = "node0", Receiver = $"node{i}", Unknown = false }).ToList();
        var reason = ProbeJudge.Judge(false, [], paths).Modes[0].Reason;
        Assert.Contains("and 121 more", reason);
    }

    [Theory]
    [InlineData("nothing", false)]
    [InlineData("unknown 1>3", true)]
    [InlineData("everything 1>3", false)]
    public void PromiscuousModeIsTriedWhereItMayHelp(string change, bool expected) =>
        Assert.Equal(expected, ProbeJudge.NeedsPromiscuous(Network(change).Paths));

    private static (List<ProbedNode> Nodes, List<VipTestPath> Paths) Network(string changes)
    {
        var names = new[] { "node1", "node2", "node3" };
        var nodes = names.Select(n => new ProbedNode(n, new ProbeSeat("eth0", "02:00:00:00:00:01", "5a:fe:00:00:00:01", "native", "", ""), "")).ToList();
        var paths = (from s in names from r in names where s != r select _all with { Sender = s, Receiver = r }).ToList();
        foreach (var change in changes.Split(", ").Where(c => c != "nothing"))
        {
            var words = change.Split(' ', '>').Select((word, i) => i == 0 ? word : "node" + word).ToArray();
            if (words.Length == 3)
                paths = [.. paths.Select(p => p.Sender == words[1] && p.Receiver == words[2] ? Changed(p, words[0]) : p)];
            else
                nodes = [.. nodes.Select(n => n.Name == words[1] ? Changed(n, words[0]) : n)];
            if (words[0] == "silent")
                paths.RemoveAll(p => p.Sender == words[1] || p.Receiver == words[1]);
        }

        return (nodes, paths);
    }

    private static VipTestPath Changed(VipTestPath path, string what) => what switch
    {
        "unknown" => path with { Unknown = false },
        "promiscuous" => path with { Unknown = false, Virtual = false, Promiscuous = true },
        "virtual" => path with { Virtual = false },
        "own" => path with { Own = false },
        _ => path with { Broadcast = false, Own = false, Unknown = false, Virtual = false },
    };

    private static ProbedNode Changed(ProbedNode node, string what) => what switch
    {
        "silent" => node with { Seat = null, ErrorText = "no answer" },
        "interface" => node with { Seat = node.Seat! with { InvisibleProblem = "a port of br0" } },
        "lan" => node with { Seat = node.Seat! with { DirectedProblem = "no lan" } },
        _ => node with { Seat = node.Seat! with { VirtualMac = "5a:fe:00:00:00:02" } },
    };
}
