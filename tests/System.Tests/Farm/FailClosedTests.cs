using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Story;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>F4: whatever stops a node or a part of it, no packet is answered by two nodes, and the farm is whole again.</summary>
[Collection(FarmCollection.Name)]
public sealed class FailClosedTests(FarmFixture farm)
{
    private static readonly TimeSpan _longStop = TimeSpan.FromSeconds(1.5);

    /// <summary>A collector that takes this long is broken; the lease must not care.</summary>
    private static readonly TimeSpan _collectorPause = TimeSpan.FromSeconds(4);

    /// <summary>The thread that holds the lease; the kernel keeps 15 characters of its name.</summary>
    private const string LeaseThread = "farm/";

    [RootFact]
    public async Task Every_daemon_is_stopped_and_continued_in_turn()
    {
        var stage = await farm.WholeAsync();
        await AssertClosedAsync(stage, async node =>
        {
            node.SuspendDaemon();
            await Task.Delay(_longStop);
            node.ResumeDaemon();
        });
    }

    [RootFact]
    public async Task Every_daemon_is_killed_in_turn()
    {
        var stage = await farm.WholeAsync();
        await AssertClosedAsync(stage, async node =>
        {
            await node.KillDaemonAsync();
            await Task.Delay(_longStop);
        });
    }

    [RootFact]
    public async Task The_collector_pauses_a_daemon()
    {
        var stage = await farm.WholeAsync();
        await AssertClosedAsync(stage, stage.Node(1), async node =>
        {
            await using var pause = await Freezer.HoldAsync([node.DaemonPid]);
            await Task.Delay(_collectorPause);
        });
    }

    [RootFact]
    public async Task The_thread_of_the_lease_hangs_while_the_rest_of_the_daemon_goes_on()
    {
        var stage = await farm.WholeAsync();
        await AssertClosedAsync(stage, stage.Node(2), async node =>
        {
            await using var hang = await Freezer.HoldThreadsAsync(node.DaemonPid, IsLeaseThread);
            await Task.Delay(_collectorPause);
        });
    }

    [RootFact]
    public async Task The_rest_of_the_daemon_hangs_while_the_thread_of_the_lease_goes_on()
    {
        var stage = await farm.WholeAsync();
        await AssertClosedAsync(stage, stage.Node(3), async node =>
        {
            await using var hang = await Freezer.HoldThreadsAsync(node.DaemonPid, name => !IsLeaseThread(name));
            await Task.Delay(_collectorPause);
        });
    }

    [RootFact]
    public async Task Every_machine_is_paused_and_resumed_in_turn()
    {
        var stage = await farm.WholeAsync();
        await AssertClosedAsync(stage, async node =>
        {
            await using var pause = await Freezer.HoldAsync(node.Machine.Processes());
            await Task.Delay(_longStop);
        });
    }

    [RootFact]
    public async Task Processors_taken_above_the_lease_close_the_farm()
    {
        var stage = await farm.WholeAsync();
        var seen = await new StarvationScene(stage.Lab, stage.Wire).RunAsync(TimeSpan.FromSeconds(5), Starvation.AboveLease);

        // That the thread was late here shows that the loops starve; how many false failovers loops below the lease make is measured by make torture-farm.
        Assert.True(seen is { Late: > 0, Wire.IsClosed: true, Wire.Asked: > 1000 }, seen.Text);
    }

    private static bool IsLeaseThread(string name) => name.StartsWith(LeaseThread, StringComparison.Ordinal);

    private static async Task AssertClosedAsync(FarmStage stage, Func<LabNode, Task> fault)
    {
        foreach (var node in stage.Lab.Nodes)
            await AssertClosedAsync(stage, node, fault);
    }

    private static async Task AssertClosedAsync(FarmStage stage, LabNode node, Func<LabNode, Task> fault)
    {
        var before = stage.Wire.Report();
        await using (stage.StartLoad(requestsPerSecond: 200))
        await using (await EchoLoad.StartAsync(stage.Lab.Clients))
        {
            await fault(node);
            await stage.BringBackAsync(node);
        }

        var wire = stage.Wire.Report().Since(before);
        var text = $"{node.Name}: {wire.AnsweredTwice} of {wire.Asked} answered twice, {wire.DoubleAnswers} connections with two nodes, "
            + $"{wire.Lost} frames missed, {wire.Answered} answers: {wire.FindingText}\n{stage.Lab.LogTails(30)}";
        Assert.True(wire is { IsClosed: true, Answered: > 100 }, text);
    }
}
