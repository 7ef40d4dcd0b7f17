using SafeKit.Core;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>F1, F3 and F4 under each fault: the others take over, nobody answers twice, connections elsewhere live on.</summary>
[Collection(FarmCollection.Name)]
public sealed class FailureTests(FarmFixture farm)
{
    /// <summary>Upper bound of a lease with default timings, with room for a busy machine.</summary>
    private static readonly TimeSpan _leaseLimit = TimeSpan.FromSeconds(1.5);

    [RootFact]
    public async Task Power_loss_of_the_leader()
    {
        var stage = await farm.WholeAsync();
        var takeover = await stage.LoseAsync(stage.Node(1), stage.Node(1).PowerOffAsync);

        takeover.AssertTakenOver();
        takeover.AssertNeverTwoOwners();
        await ReturnQuietlyAsync(stage, stage.Node(1));
    }

    [RootFact]
    public async Task Power_loss_of_another_node()
    {
        var stage = await farm.WholeAsync();
        var takeover = await stage.LoseAsync(stage.Node(3), stage.Node(3).PowerOffAsync);

        takeover.AssertTakenOver();
        takeover.AssertNeverTwoOwners();
        await ReturnQuietlyAsync(stage, stage.Node(3));
    }

    [RootFact]
    public async Task Kill_9_of_the_daemon_while_its_application_goes_on()
    {
        var stage = await farm.WholeAsync();
        var takeover = await stage.LoseAsync(stage.Node(2), stage.Node(2).KillDaemonAsync);

        takeover.AssertTakenOver();
        takeover.AssertNeverTwoOwners();
        AssertSilentAfterLease(takeover);
        await ReturnQuietlyAsync(stage, stage.Node(2));
    }

    [RootFact]
    public async Task Stopped_daemon_accepts_nothing_after_its_lease_nor_when_it_wakes_up()
    {
        var stage = await farm.WholeAsync();
        var victim = stage.Node(3);
        var takeover = await stage.LoseAsync(victim, () => Task.FromResult(victim.SuspendDaemon()));

        takeover.AssertTakenOver();
        takeover.AssertNeverTwoOwners();
        AssertSilentAfterLease(takeover);
        await ReturnQuietlyAsync(stage, victim);
    }

    [RootFact]
    public async Task Short_stops_of_the_daemon_never_make_two_owners()
    {
        var stage = await farm.WholeAsync();
        var before = stage.Wire.Report();
        await using (var load = stage.StartLoad(requestsPerSecond: 200))
        {
            foreach (var ms in new[] { 100, 200, 300, 400, 600, 900 })
            {
                stage.Node(2).SuspendDaemon();
                await Task.Delay(ms);
                stage.Node(2).ResumeDaemon();
                await Task.Delay(300);
            }

            await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit);
        }

        var wire = stage.Wire.Report().Since(before);
        Assert.True(wire is { DoubleAnswers: 0, Lost: 0 }, wire.FindingText);
    }

    [RootFact]
    public async Task Connections_on_the_nodes_that_stay_survive_a_crash_and_the_return()
    {
        var stage = await farm.WholeAsync();
        var victim = stage.Node(2);
        await using var connections = await LongConnections.OpenAsync(stage.Lab.Clients[1], LabAddresses.Web4, count: 90);
        Assert.True(connections.CountOf(victim.Name) > 0);

        await victim.PowerOffAsync();
        await stage.WaitForHeirsAsync(victim);
        await stage.BringBackAsync(victim);
        await Task.Delay(TimeSpan.FromSeconds(1));

        foreach (var node in stage.Without(victim))
        {
            Assert.True(connections.CountOf(node) > 0);
            Assert.Empty(connections.BrokenOf(node));
        }
    }

    private static void AssertSilentAfterLease(Takeover takeover)
    {
        var limitNs = takeover.FaultNs + MonotonicClock.FromMs((long)_leaseLimit.TotalMilliseconds);
        Assert.DoesNotContain(takeover.Accepted, accepted => accepted.Node == takeover.Victim && accepted.AtNs > limitNs);
    }

    // A return is a planned move: nothing may fail, and nobody may answer twice.
    private static async Task ReturnQuietlyAsync(FarmStage stage, LabNode node)
    {
        var before = stage.Wire.Report();
        await using var load = stage.StartLoad();
        var seen = await load.DuringAsync(() => stage.BringBackAsync(node));
        var wire = stage.Wire.Report().Since(before);

        Assert.True(wire is { DoubleAnswers: 0, Lost: 0 }, wire.FindingText);
        Assert.True(seen.Failures == 0, seen.ErrorText);
    }
}
