using SafeKit.Lab;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;
using Xunit.Abstractions;

namespace SafeKit.SystemTests.Farm;

/// <summary>Long connections through whatever happens to the other nodes, and drains.</summary>
[Collection(FarmCollection.Name)]
public sealed class ConnectionTests(FarmFixture farm, ITestOutputHelper output)
{
    /// <summary>The short form of <c>connections_broken_of_1000</c> in <c>make bench-farm</c>.</summary>
    [RootFact]
    public async Task Connections_survive_leaves_returns_drains_and_crashes_of_other_nodes()
    {
        var stage = await farm.WholeAsync();
        await using var connections = await LongConnections.OpenAsync(
            stage.Lab.Clients[0], LabAddresses.Web4, count: 300, TimeSpan.FromMilliseconds(500));
        var report = await new ConnectionStorm(stage.Lab, connections, seed: 3).RunAsync(events: 20, output.WriteLine);
        output.WriteLine(
            $"{report.CrashResetsS.Count} of crashed nodes reset, the last {report.CrashResetsS.DefaultIfEmpty().Max():0.00} s after the takeover");
        Assert.True(report.Broken.Count == 0, string.Join('\n', report.Broken));
        Assert.True(report.CrashHung.Count == 0, string.Join('\n', report.CrashHung));
    }

    [RootFact]
    public async Task A_drained_node_takes_nothing_new_shows_what_is_left_and_ends_by_itself()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(2);
        var before = stage.Wire.Report();
        var connections = await LongConnections.OpenAsync(stage.Lab.Clients[0], LabAddresses.Web4, count: 60);
        var left = connections.CountOf(node.Name);
        Assert.True(left > 0);

        // What is there keeps the drain from ending; nothing of it breaks.
        var early = await node.CliAsync("drain", "-m", ClusterFiles.Module, "--timeout", "2");
        Assert.True(early.ExitCode == 1, early.Text);
        Assert.Contains($"{left} connection(s) left", early.Text, StringComparison.Ordinal);
        var load = stage.StartLoad();
        await using (load)
            await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(0, load.Snapshot().Failures);
        Assert.Empty(connections.Broken);
        Assert.Equal(left, connections.CountOf(node.Name));

        // When the clients are done the drain is, too.
        await connections.DisposeAsync();
        var drained = await node.CliAsync("drain", "-m", ClusterFiles.Module, "--timeout", "20");
        Assert.True(drained.Ok, drained.Text);
        Assert.Contains("no connection is left", drained.Text, StringComparison.Ordinal);

        // Nobody holds resets back, and nothing is looked up any more.
        await node.MustCliAsync("undrain", "-m", ClusterFiles.Module);
        await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit);
        Assert.Equal(0, stage.Wire.Report().Since(before).ResetsOfAll);
    }

    [RootFact]
    public async Task A_restarted_daemon_keeps_its_module_drained()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(1);
        await node.OrderAsync("drain");
        await node.WaitForModuleAsync(module => module.Drain is { Done: true }, FarmFixture.SettleLimit);
        await node.KillDaemonAsync();
        await node.StartDaemonAsync();
        var module = await node.WaitForModuleAsync(one => one is { State: "UP", Status: "Ready" }, FarmFixture.SettleLimit);
        Assert.NotNull(module.Drain);
        await node.OrderAsync("undrain");
        await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit);
    }
}
