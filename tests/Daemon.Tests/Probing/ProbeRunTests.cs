using System.Net;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Probing;
using SafeKit.Filter;
using SafeKit.Filter.Probing;

namespace SafeKit.Daemon.Tests.Probing;

/// <summary>The node that leads a test checks what the others answer: no answer of one spoils what is found about the rest.</summary>
public class ProbeRunTests
{
    private static readonly ProbePlace _place = new("web", "eth0", IPAddress.Parse("10.99.0.100"), MacAddress.Parse("5a:fe:0a:63:00:64"), false);
    private static readonly ProbeSeat _seat = new("eth0", "02:00:00:00:00:01", "5a:fe:0a:63:00:64", "native", "", "");

    public static TheoryData<ProbeStep, ProbeAnswer, string> Nonsense => new()
    {
        { ProbeStep.Open, new ProbeAnswer(), "makes no sense" },
        { ProbeStep.Open, new ProbeAnswer(Seat: _seat with { Mac = "nonsense" }), "makes no sense" },
        { ProbeStep.Open, new ProbeAnswer(Seat: _seat with { VirtualMac = null! }), "makes no sense" },
        { ProbeStep.Open, new ProbeAnswer(Seat: _seat with { Interface = null! }), "makes no sense" },
        { ProbeStep.Open, new ProbeAnswer("there is no module 'web'"), "there is no module 'web'" },
        { ProbeStep.Send, new ProbeAnswer("interface eth0 sends nothing"), "sends nothing" },
        { ProbeStep.Close, new ProbeAnswer(), "makes no sense" },
        { ProbeStep.Close, new ProbeAnswer(Sightings: [null!]), "makes no sense" },
        { ProbeStep.Close, new ProbeAnswer(Sightings: [new ProbeSighting(200, ProbeKind.Own)]), "makes no sense" },
        { ProbeStep.Close, new ProbeAnswer(Sightings: [new ProbeSighting(2, ProbeKind.Own)]), "makes no sense" },
        { ProbeStep.Close, new ProbeAnswer(Sightings: [new ProbeSighting(0, (ProbeKind)9)]), "makes no sense" },
        { ProbeStep.Close, new ProbeAnswer(Sightings: [.. Enumerable.Repeat(new ProbeSighting(0, ProbeKind.Own), 10_000)]), "makes no sense" },
    };

    [Theory]
    [MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public async Task ANodeWhoseAnswerMakesNoSenseIsNamedAndTheOthersAreJudged(ProbeStep step, ProbeAnswer answer, string expected)
    {
        var report = await RunAsync((node, question) => node == 2 && question.Step == step ? answer : Answer(node, question));
        Assert.Contains(expected, report.Nodes[2].ErrorText);
        Assert.Equal(["", ""], report.Nodes.Take(2).Select(n => n.ErrorText));
        Assert.Equal(["not known", "not known"], report.Modes.Select(m => m.Verdict));
        Assert.Equal(2, report.Paths.Count);
        Assert.False(report.Ok);
    }

    [Fact]
    public async Task PromiscuousModeIsTriedOnlyWhereSomethingIsMissing()
    {
        var steps = new List<ProbeStep>();
        var whole = await RunAsync((node, question) => Noted(node, question, steps, ProbeKind.Own, ProbeKind.Unknown, ProbeKind.Virtual));
        Assert.True(whole.Ok);
        Assert.DoesNotContain(ProbeStep.Widen, steps);
        var partial = await RunAsync((node, question) => Noted(node, question, steps, ProbeKind.Own, ProbeKind.Promiscuous));
        Assert.Contains(ProbeStep.Widen, steps);
        Assert.Equal("promiscuous", partial.Modes[0].Rule);
    }

    [Fact]
    public async Task EveryNodeSendsToTheOthersOwnMacsAndNeverWithAVirtualOne()
    {
        var sent = new List<ProbeTarget>();
        await RunAsync((node, question) =>
        {
            if (node == 0 && question.Step == ProbeStep.Send)
                sent.AddRange(question.Targets);
            return Answer(node, question);
        });
        Assert.Equal(["02:00:00:00:00:02", "02:00:00:00:00:03"], sent.Where(t => t.Kind == ProbeKind.Own).Select(t => t.Mac));
        var unknown = MacAddress.Parse(sent.First(t => t.Kind == ProbeKind.Unknown).Mac);
        // Unicast, locally administered.
        Assert.Equal(0x02ul, unknown.Value >> 40 & 0x03);
    }

    private static ProbeAnswer Noted(int node, ProbeQuestion question, List<ProbeStep> steps, params ProbeKind[] kinds)
    {
        lock (steps)
            steps.Add(question.Step);
        return Answer(node, question, kinds);
    }

    private static ProbeAnswer Answer(int node, ProbeQuestion question) =>
        Answer(node, question, ProbeKind.Own, ProbeKind.Unknown, ProbeKind.Virtual);

    private static ProbeAnswer Answer(int node, ProbeQuestion question, params ProbeKind[] kinds) => question.Step switch
    {
        ProbeStep.Open => new ProbeAnswer(Seat: _seat with { Mac = $"02:00:00:00:00:0{node + 1}" }),
        ProbeStep.Close => new ProbeAnswer(Sightings:
            [.. from sender in Enumerable.Range(0, 3) where sender != node from kind in kinds select new ProbeSighting((byte)sender, kind)]),
        _ => new ProbeAnswer(),
    };

    private static Task<VipTestReport> RunAsync(Func<int, ProbeQuestion, ProbeAnswer> answer)
    {
        string[] nodes = ["node1", "node2", "node3"];
        return new ProbeRun(_place, nodes, (name, question, _) => Task.FromResult(answer(Array.IndexOf(nodes, name), question))).RunAsync(default);
    }
}
