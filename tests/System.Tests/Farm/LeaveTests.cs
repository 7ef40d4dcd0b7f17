using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>Planned moves: not one request fails, nothing is reset, connections on the other nodes live on.</summary>
[Collection(FarmCollection.Name)]
public sealed class LeaveTests(FarmFixture farm)
{
    [RootFact]
    public async Task Stop_and_start_of_the_module_under_load_fail_no_request()
    {
        var stage = await farm.WholeAsync();
        var before = stage.Wire.Report();
        var load = stage.StartLoad();
        await using (load)
        {
            foreach (var node in stage.Lab.Nodes)
            {
                await node.MustCliAsync("stop", "-m", ClusterFiles.Module);
                await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit, stage.Without(node));
                await stage.BringBackAsync(node);
            }
        }

        var seen = load.Snapshot();
        var wire = stage.Wire.Report().Since(before);
        Assert.True(seen.Failures == 0, seen.ErrorText);
        Assert.Equal(seen.Sent, seen.Answers);
        Assert.Equal(0, wire.ResetsOfAll);
        Assert.True(wire is { DoubleAnswers: 0, Lost: 0 }, wire.FindingText);
    }

    [RootFact]
    public async Task Connections_on_the_nodes_that_stay_survive_a_leave_and_the_return()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(1);
        await using var connections = await LongConnections.OpenAsync(stage.Lab.Clients[0], LabAddresses.Web4, count: 90);

        await node.MustCliAsync("stop", "-m", ClusterFiles.Module);
        await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit, stage.Without(node));
        await stage.BringBackAsync(node);
        await Task.Delay(TimeSpan.FromSeconds(1));

        foreach (var other in stage.Without(node))
        {
            Assert.True(connections.CountOf(other) > 0);
            Assert.Empty(connections.BrokenOf(other));
        }
    }
}
