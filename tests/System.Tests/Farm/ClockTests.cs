using SafeKit.Lab;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Story;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>F4, F5: the wall clock of a node may say anything, and may jump while the daemon runs.</summary>
[Collection(FarmCollection.Name)]
public sealed class ClockTests
{
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _whileItIsOff = TimeSpan.FromSeconds(1.5);

    /// <summary>What a node logs when it, or another, is thought to have stood still.</summary>
    private static readonly string[] _alarms = ["crash-detected", "lease-lost", "not-heard-by", "self-late", "restarted"];

    [RootFact]
    public async Task Clocks_jump_by_days_and_nobody_notices()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions());
        using var wire = new WireCapture(lab.Switch);
        var clocks = await Task.WhenAll(lab.Nodes.Select(node => GiveClockAsync(lab, node, TimeSpan.Zero)));
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        var (standing, alarms, seen) = (await FarmStanding.OfAsync(lab), await AlarmsAsync(lab), wire.Report());
        await using (var load = new LoadGroup(lab.Clients, new LoadOptions { RequestsPerSecond = 100 }))
        {
            foreach (var offset in new[] { _day, -_day, TimeSpan.FromSeconds(-2) })
            {
                for (var i = 0; i < clocks.Length; i++)
                    clocks[i].Set(offset * (i + 1));
                await Task.Delay(_whileItIsOff);
            }
        }

        Assert.Equal(standing, await FarmStanding.OfAsync(lab));
        Assert.Equal(alarms, await AlarmsAsync(lab));
        var report = wire.Report().Since(seen);
        Assert.True(report is { IsClosed: true, Answered: > 100 }, report.FindingText);
    }

    [RootFact]
    public async Task The_daemon_sees_the_clock_of_the_test()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { Nodes = 2 });
        var clock = await GiveClockAsync(lab, lab.Nodes[0], TimeSpan.Zero);
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        clock.Set(_day);
        await lab.Nodes[0].LeaveAsync();

        Assert.InRange((await LinesAsync(lab.Nodes[0]))[^1].Time - DateTimeOffset.UtcNow, _day / 2, _day * 2);
    }

    [RootFact]
    public async Task A_node_whose_clock_was_set_back_before_it_starts_again_is_heard()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions());
        var node = lab.Nodes[0];
        var clock = await GiveClockAsync(lab, node, _day);
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        await node.PowerOffAsync();
        clock.Set(-_day);
        await NodeFaults.BringBackAsync(node);

        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
    }

    private static async Task<FakeClock> GiveClockAsync(ClusterLab lab, LabNode node, TimeSpan offset)
    {
        var clock = await FakeClock.CreateAsync(lab.Folder, $"{node.Name}.clock", offset);
        node.DaemonEnvironment = clock.Environment;
        return clock;
    }

    private static async Task<int> AlarmsAsync(ClusterLab lab)
    {
        var lines = await Task.WhenAll(lab.Nodes.Select(LinesAsync));
        return lines.SelectMany(own => own).Count(line => _alarms.Any(line.Message.Contains));
    }

    private static async Task<IReadOnlyList<Core.Control.LogLine>> LinesAsync(LabNode node)
    {
        using var control = node.OpenControl(TimeSpan.FromSeconds(5));
        return await control.LogAsync(ClusterFiles.Module, 1000, all: true);
    }
}
