using SafeKit.Core;
using SafeKit.Daemon.Probing;
using SafeKit.Daemon.Tests.Mirror;
using SafeKit.Filter;
using SafeKit.Filter.Probing;

namespace SafeKit.Daemon.Tests.Probing;

/// <summary>A node's part in tests of the network: real frames on a cable, and questions that make no sense.</summary>
public class ProbeDeskTests
{
    private const string Nonce = "00112233445566778899aabbccddeeff";

    [NetworkFact]
    public void TwoNodesOnOneCableFindThatEveryModeWorks() => ProbeStage.Run(stage =>
    {
        var run = new ProbeRun(
            ProbeStage.Place(0), ProbeStage.Nodes, (name, question, _) => Task.FromResult(stage[name == "node1" ? 0 : 1].Answer(question)));
        var report = run.RunAsync(default).GetAwaiter().GetResult();
        Assert.True(report.Ok, $"{string.Join("; ", report.Modes)} {string.Join("; ", report.Paths)} {string.Join("; ", report.Nodes)}");
        Assert.Equal(["works", "works"], report.Modes.Select(m => m.Verdict));
        Assert.Equal(["eth1", "eth2"], report.Nodes.Select(n => n.Interface));
        Assert.Equal(ProbeStage.VirtualMac, report.VirtualMac);
    });

    /// <summary>The farm's own unicast filter, and the interface's mode, are as they were when a test has ended.</summary>
    [NetworkFact]
    public void ATestLeavesTheInterfaceAsItWas() => ProbeStage.Run(stage =>
    {
        Tool.Run($"bridge fdb add {ProbeStage.VirtualMac} dev eth1 self");
        var before = (Tool.Read("bridge fdb show dev eth1"), Tool.Read("ip -d -o link show eth1"));
        const string Fresh = "02:99:99:99:99:99";
        Assert.Null(stage[0].Answer(Question(ProbeStep.Open, new ProbeTarget(ProbeKind.Unknown, Fresh))).Problem);
        Assert.Contains(Fresh, Tool.Read("bridge fdb show dev eth1"));
        var promiscuity = Promiscuity();
        Assert.Null(stage[0].Answer(Question(ProbeStep.Widen)).Problem);
        Assert.Equal(promiscuity + 1, Promiscuity());

        Assert.Null(stage[0].Answer(Question(ProbeStep.Close)).Problem);

        Assert.Equal(before, (Tool.Read("bridge fdb show dev eth1"), Tool.Read("ip -d -o link show eth1")));
        Assert.Contains(ProbeStage.VirtualMac, before.Item1);
    });

    [NetworkFact]
    public void ATestThatItsLeaderForgetsEndsByItself() => ProbeStage.Run(_ =>
    {
        var before = Tool.Read("bridge fdb show dev eth1");
        var mac = MacAddress.Parse(ProbeStage.VirtualMac);
        using var session = new ProbeSession(ProbeDevice.Read("eth1"), new NodeId(0), 2, 1, [mac], TimeSpan.FromMilliseconds(200));
        Assert.True(session.Listening.Wait(TimeSpan.FromSeconds(20)));
        Assert.Equal(before, Tool.Read("bridge fdb show dev eth1"));
    });

    [NetworkFact]
    public void FramesOfAnotherTestAndForAnotherMacAreNotSeen() => ProbeStage.Run(stage =>
    {
        Assert.Null(stage[0].Answer(Question(ProbeStep.Open)).Problem);
        Assert.Null(stage[1].Answer(Question(ProbeStep.Open) with { Nonce = new string('a', 32) }).Problem);
        Assert.Null(stage[1].Answer(Question(ProbeStep.Send, new ProbeTarget(ProbeKind.Unknown, "02:00:00:00:00:77")) with { Nonce = new string('a', 32) }).Problem);
        Assert.Null(stage[1].Answer(Question(ProbeStep.Close) with { Nonce = new string('a', 32) }).Problem);

        // The same test now: one frame for another machine's MAC, and one that is seen, by which all before it have been read.
        Assert.Null(stage[1].Answer(Question(ProbeStep.Open)).Problem);
        Assert.Null(stage[1].Answer(Question(
            ProbeStep.Send, new ProbeTarget(ProbeKind.Own, "02:00:00:00:00:77"), new ProbeTarget(ProbeKind.Virtual, ProbeStage.VirtualMac))).Problem);
        Thread.Sleep(300);

        var seen = stage[0].Answer(Question(ProbeStep.Close)).Sightings!;
        Assert.Equal([ProbeKind.Broadcast, ProbeKind.Virtual], seen.Select(s => s.Kind).Order());
        Assert.All(seen, sighting => Assert.Equal(1, sighting.Sender));
    });

    [NetworkFact]
    public void TestsAndTheirFramesAreBounded() => ProbeStage.Run(stage =>
    {
        for (var i = 0; i < ProbeDesk.SessionsMax; i++)
            Assert.Null(stage[0].Answer(Question(ProbeStep.Open) with { Nonce = $"{i:x32}" }).Problem);
        Assert.Contains("under way", stage[0].Answer(Question(ProbeStep.Open)).Problem);
        Assert.Null(stage[0].Answer(Question(ProbeStep.Close) with { Nonce = $"{0:x32}" }).Problem);
        Assert.Null(stage[0].Answer(Question(ProbeStep.Open)).Problem);
        Assert.Contains("begun here already", stage[1].Answer(Question(ProbeStep.Open)).Problem ?? stage[1].Answer(Question(ProbeStep.Open)).Problem);

        var send = Question(ProbeStep.Send, new ProbeTarget(ProbeKind.Broadcast, "ff:ff:ff:ff:ff:ff"));
        Assert.Null(stage[0].Answer(send).Problem);
        Assert.Null(stage[0].Answer(send).Problem);
        Assert.Contains("sent all its frames", stage[0].Answer(send).Problem);
    });

    public static TheoryData<ProbeQuestion, string> Garbage => new()
    {
        { Question(ProbeStep.Open) with { Nonce = "" }, "32 hexadecimal digits" },
        { Question(ProbeStep.Open) with { Nonce = null! }, "32 hexadecimal digits" },
        { Question(ProbeStep.Open) with { Nonce = new string('g', 32) }, "32 hexadecimal digits" },
        { Question(ProbeStep.Open) with { Nonce = Nonce + "0" }, "32 hexadecimal digits" },
        { Question((ProbeStep)9), "no step 9" },
        { Question(ProbeStep.Open) with { Address = "nonsense" }, "no address" },
        { Question(ProbeStep.Open) with { Address = null! }, "no address" },
        { Question(ProbeStep.Open) with { Address = "10.99.0.101" }, "safekit config -m web" },
        { Question(ProbeStep.Open) with { Module = "other" }, "no module 'other'" },
        { Question(ProbeStep.Open) with { Targets = null! }, "at most" },
        { Question(ProbeStep.Open) with { Targets = [null!] }, "no kind 0" },
        { Question(ProbeStep.Open, new ProbeTarget((ProbeKind)77, "02:00:00:00:00:01")), "no kind 77" },
        { Question(ProbeStep.Open, new ProbeTarget(ProbeKind.Own, "nonsense")), "MAC address 'nonsense'" },
        { Question(ProbeStep.Open, new ProbeTarget(ProbeKind.Own, null!)), "MAC address ''" },
        { Question(ProbeStep.Send, [.. Enumerable.Repeat(new ProbeTarget(ProbeKind.Own, "02:00:00:00:00:01"), ProbeDesk.TargetsMax + 1)]), "at most" },
        { Question(ProbeStep.Send), "not known here" },
        { Question(ProbeStep.Widen), "not known here" },
        { Question(ProbeStep.Close), "not known here" },
    };

    [Theory]
    [MemberData(nameof(Garbage), DisableDiscoveryEnumeration = true)]
    public void AQuestionThatMakesNoSenseIsRefusedAndSaysWhy(ProbeQuestion question, string expected)
    {
        using var desk = ProbeStage.Desk(0);
        Assert.Contains(expected, desk.Answer(question).Problem);
    }

    private static int Promiscuity() => int.Parse(Tool.Read("ip -d -o link show eth1").Split("promiscuity ")[1].Split(' ')[0]);

    private static ProbeQuestion Question(ProbeStep step, params IReadOnlyList<ProbeTarget> targets) =>
        new(step, Nonce, "web", ProbeStage.Address, targets);
}
