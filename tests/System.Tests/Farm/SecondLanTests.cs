using SafeKit.Lab;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>Heartbeats go over every network at once: losing one of two changes nothing.</summary>
[Collection(FarmCollection.Name)]
public sealed class SecondLanTests
{
    [RootFact]
    public async Task Losing_one_heartbeat_network_changes_nothing()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { SecondLan = true });
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        await using var load = new LoadGroup(lab.Clients, new LoadOptions { RequestsPerSecond = 100 });
        var viewBefore = View(await lab.PictureAsync());

        var seen = await load.DuringAsync(async () =>
        {
            foreach (var node in lab.Nodes)
                await node.SetSecondLanAsync(connected: false);
            await Task.Delay(TimeSpan.FromSeconds(3));
            foreach (var node in lab.Nodes)
                await node.SetSecondLanAsync(connected: true);
            await Task.Delay(TimeSpan.FromSeconds(1));
        });

        Assert.True(seen.Failures == 0, seen.ErrorText);
        var after = await lab.PictureAsync();
        Assert.True(after.IsWhole(lab.NodeNames), after.Describe());
        Assert.Equal(viewBefore, View(after));
    }

    [RootFact]
    public async Task The_second_network_alone_keeps_the_members_together()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { SecondLan = true });
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        var viewBefore = View(await lab.PictureAsync());

        // Isolated ports reach clients but not each other: the first network carries no heartbeat any more.
        foreach (var node in lab.Nodes)
            await lab.Switch.SetIsolatedAsync(node.Name, isolated: true);
        await using var load = new LoadGroup(lab.Clients, new LoadOptions { RequestsPerSecond = 100 });
        await load.DuringAsync(() => Task.Delay(TimeSpan.FromSeconds(3)));

        var after = await lab.PictureAsync();
        Assert.True(after.IsWhole(lab.NodeNames), after.Describe());
        Assert.Equal(viewBefore, View(after));
    }

    private static string? View(ClusterPicture picture) => picture.Module("node1")?.Membership?.View;
}
