using System.Diagnostics;

namespace SafeKit.SystemTests.Farm;

/// <summary>The daemon among the others: a foreign key keeps a node out, and what is asked is answered at once.</summary>
[Collection(FarmCollection.Name)]
public sealed class DaemonTests(FarmFixture farm)
{
    private static readonly TimeSpan _statusLimit = TimeSpan.FromMilliseconds(500);

    [RootFact]
    public async Task A_node_with_another_key_is_not_let_in()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(3);
        await node.PowerOffAsync();
        await stage.WaitForHeirsAsync(node);
        await File.WriteAllTextAsync(node.Paths.ClusterKey, new string('0', 64) + "\n");
        var wireBefore = stage.Wire.Report();
        await using var load = stage.StartLoad();
        var seen = await load.DuringAsync(async () =>
        {
            await node.PowerOnAsync();
            await node.StartDaemonAsync();
            await Task.Delay(TimeSpan.FromSeconds(4));
        });

        var picture = await stage.Lab.PictureAsync();
        var others = stage.Without(node);
        Assert.All(others, other => Assert.True(picture.IsUp(other), picture.Describe()));
        Assert.All(others, other => Assert.True(picture.ServingSeenBy(other).SetEquals(others), picture.Describe()));
        Assert.Equal(picture.BucketsOfAll, others.Sum(picture.Buckets));
        await node.PowerOffAsync();
        var wire = stage.Wire.Report().Since(wireBefore);
        Assert.True(wire is { DoubleAnswers: 0, Lost: 0 }, wire.FindingText);
        Assert.True(seen.Failures == 0, seen.ErrorText);
    }

    [RootFact]
    public async Task Status_is_answered_at_once_while_another_node_hangs()
    {
        var stage = await farm.WholeAsync();
        stage.Node(1).SuspendDaemon();
        var watch = Stopwatch.StartNew();
        var state = await stage.Node(2).StateAsync();

        Assert.NotNull(state);
        Assert.True(watch.Elapsed < _statusLimit, $"status took {watch.Elapsed.TotalMilliseconds:0} ms");
    }

    [RootFact]
    public async Task The_daemon_ends_by_SIGTERM_and_leaves_gracefully_or_stays_invisible()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(2);
        await using var load = stage.StartLoad();
        var seen = await load.DuringAsync(async () =>
        {
            await node.TerminateDaemonAsync();
            await stage.BringBackAsync(node);
        });

        Assert.True(seen.Failures == 0, seen.ErrorText);
    }
}
