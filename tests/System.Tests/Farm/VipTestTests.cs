using System.Text.Json;
using SafeKit.Core.Control;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary><c>safekit vip test</c> on a real switch: it says what the switch does, of a farm that runs and of one that does not.</summary>
[Collection(FarmCollection.Name)]
public sealed class VipTestTests(FarmFixture farm)
{
    [RootFact]
    public async Task On_a_switch_that_floods_every_mode_works_whether_the_module_runs_or_not()
    {
        var stage = await farm.WholeAsync();
        var stateBefore = (await stage.Node(1).StateAsync())!;

        var running = await TestAsync(stage.Node(1));
        await stage.Node(2).LeaveAsync();
        var stopped = await TestAsync(stage.Node(2));

        foreach (var (result, report) in new[] { running, stopped })
        {
            Assert.True(result.ExitCode == 0, result.Text);
            Assert.Equal(["works", "works"], report.Modes.Select(m => m.Verdict));
            Assert.Equal(6, report.Paths.Count);
            Assert.All(report.Paths, path => Assert.True(path is { Broadcast: true, Own: true, Unknown: true, Virtual: true }, $"{path}"));
            Assert.StartsWith("keep vmac_invisible", report.Recommendation);
        }

        Assert.StartsWith("native; sends on at tc", running.Report.Nodes[1].Filter);
        Assert.StartsWith("not attached; native is possible; sends on at tc", stopped.Report.Nodes[1].Filter);
        var after = (await stage.Node(1).StateAsync())!;
        Assert.Equal(stateBefore.Filter.Interfaces.Select(i => (i.Interface, i.Mode)), after.Filter.Interfaces.Select(i => (i.Interface, i.Mode)));
        await stage.Node(2).MustCliAsync("start", "-m", ClusterFiles.Module);
    }

    [RootFact]
    public async Task Where_the_switch_does_not_flood_vmac_directed_is_recommended_and_the_ports_are_named()
    {
        var stage = await farm.WholeAsync();
        await stage.Lab.Switch.SetFloodAsync("node3", floods: false);
        try
        {
            var (result, report) = await TestAsync(stage.Node(2));

            Assert.True(result.ExitCode == 1, result.Text);
            Assert.Equal([("vmac_invisible", "does not work", "flooding"), ("vmac_directed", "works", "received")], Words(report));
            Assert.Contains("node1 to node3, node2 to node3", report.Modes[0].Reason);
            Assert.StartsWith("use vmac_directed", report.Recommendation);
            Assert.All(report.Paths, path => Assert.Equal(path.Receiver != "node3", path.Unknown && path.Virtual));
            // The switch is the reason, not the cards: promiscuous mode was tried, too.
            Assert.All(report.Paths, path => Assert.Equal(path.Receiver != "node3", path.Promiscuous));
        }
        finally
        {
            await stage.Lab.Switch.SetFloodAsync("node3", floods: true);
        }
    }

    [RootFact]
    public async Task A_node_that_does_not_answer_is_named_and_nothing_is_said_for_it()
    {
        var stage = await farm.WholeAsync();
        await stage.Node(3).KillDaemonAsync();

        var (result, report) = await TestAsync(stage.Node(1));

        Assert.True(result.ExitCode == 1, result.Text);
        Assert.Equal([("vmac_invisible", "not known", "unreached"), ("vmac_directed", "not known", "unreached")], Words(report));
        Assert.Contains("node3", report.Modes[0].Reason);
        Assert.NotEqual("", report.Nodes[2].ErrorText);
        Assert.Equal(2, report.Paths.Count);
        var text = await stage.Node(1).CliAsync("vip", "test");
        Assert.Contains("recommended    keep vmac_invisible for now", text.Output);
        await stage.BringBackAsync(stage.Node(3));
    }

    internal static async Task<(CommandResult Result, VipTestReport Report)> TestAsync(ServerNode node)
    {
        var result = await node.CliAsync("vip", "test", "-m", ClusterFiles.Module, "--json");
        Assert.True(result.Output.StartsWith('{') && result.Output.Contains("reports"), result.Text);
        return (result, Assert.Single(JsonSerializer.Deserialize(result.Output, ControlJson.Default.VipTestAnswer)!.Reports));
    }

    internal static IEnumerable<(string Mode, string Verdict, string Rule)> Words(VipTestReport report) =>
        report.Modes.Select(m => (m.Mode, m.Verdict, m.Rule));
}
