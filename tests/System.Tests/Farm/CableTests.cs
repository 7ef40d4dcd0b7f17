using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>A node without its cable is out of reach and works for itself; its return must not make two owners.</summary>
[Collection(FarmCollection.Name)]
public sealed class CableTests(FarmFixture farm)
{
    [RootFact]
    public async Task Cut_and_repaired()
    {
        var stage = await farm.WholeAsync();
        var victim = stage.Node(2);
        var takeover = await stage.LoseAsync(victim, victim.CutCableAsync);
        takeover.AssertTakenOver();
        takeover.AssertNeverTwoOwners();

        var before = stage.Wire.Report();
        await using (var load = stage.StartLoad())
            await stage.BringBackAsync(victim);
        var wire = stage.Wire.Report().Since(before);
        Assert.True(wire is { DoubleAnswers: 0, Lost: 0 }, wire.FindingText);
    }

    [RootFact]
    public async Task A_short_interruption_leaves_the_cluster_whole()
    {
        var stage = await farm.WholeAsync();
        var victim = stage.Node(3);
        await victim.CutCableAsync();
        await Task.Delay(50);
        await victim.RepairCableAsync();

        await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit);
        await using var load = stage.StartLoad();
        var seen = await load.DuringAsync(() => Task.Delay(TimeSpan.FromSeconds(2)));
        Assert.True(seen.Failures == 0, seen.ErrorText);
    }
}
