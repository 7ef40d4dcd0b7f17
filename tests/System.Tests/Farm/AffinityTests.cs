using SafeKit.Lab;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>filter="on_addr": a client keeps its node, also while nodes that are not its own fail and return.</summary>
[Collection(FarmCollection.Name)]
public sealed class AffinityTests
{
    [RootFact]
    public async Task A_client_keeps_its_node()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { Filter = "on_addr", Clients = 4 });
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        await using var load = new LoadGroup(lab.Clients, new LoadOptions { RequestsPerSecond = 50, EveryNthIPv6 = 0 });
        var home = await HomesAsync(load);

        var victim = lab.Nodes.First(node => home.Values.Distinct().Count() == 1 ? node.Name != home["client1"] : node.Name == home["client1"]);
        await victim.PowerOffAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit, lab.NodeNames.Where(name => name != victim.Name).ToList());
        // Requests that waited through the outage end within the load's timeout and belong to neither side.
        await Task.Delay(TimeSpan.FromSeconds(4));
        var refuge = await HomesAsync(load);
        await NodeFaults.BringBackAsync(victim);
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        await Task.Delay(TimeSpan.FromSeconds(4));
        var homeAgain = await HomesAsync(load);

        foreach (var (client, node) in home)
        {
            Assert.NotEqual(victim.Name, refuge[client]);
            if (node != victim.Name)
                Assert.Equal(node, refuge[client]);
        }

        Assert.Equal(home.Count, homeAgain.Count);
    }

    // The one node that answers each client; more than one fails the test.
    private static async Task<Dictionary<string, string>> HomesAsync(LoadGroup load)
    {
        var before = load.Loads.ToDictionary(one => one.Client, one => one.Statistics.Snapshot());
        await Task.Delay(TimeSpan.FromSeconds(2));
        return load.Loads.ToDictionary(one => one.Client, one =>
        {
            var seen = one.Statistics.Snapshot().Since(before[one.Client]);
            Assert.True(seen.Failures == 0, seen.ErrorText);
            return Assert.Single(seen.AnswersByNode).Key;
        });
    }
}
