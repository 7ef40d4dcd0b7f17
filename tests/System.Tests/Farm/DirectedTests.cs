using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>vmac_directed: whatever node a client enters by, every node serves it, and an entry that dies is replaced.</summary>
[Collection(DirectedCollection.Name)]
public sealed class DirectedTests(DirectedFixture farm)
{
    private static readonly TimeSpan _outageLimit = TimeSpan.FromSeconds(10);

    [RootTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task One_entry_serves_from_every_node(int entry)
    {
        var stage = await farm.WholeAsync();
        foreach (var client in stage.Lab.Clients)
            await EnterByAsync(client, entry, "permanent");
        var before = stage.Wire.Report();
        await using (var load = stage.StartLoad())
        {
            var seen = await load.DuringAsync(() => Task.Delay(TimeSpan.FromSeconds(3)));
            Assert.True(seen.Failures == 0, seen.ErrorText);
            foreach (var node in stage.Lab.NodeNames)
                Assert.InRange(seen.ShareOf(node), 0.25, 0.42);
        }

        AssertOneOwner(stage.Wire.Report().Since(before));
        await ForgetEntriesAsync(stage);
    }

    [RootFact]
    public async Task The_only_MACs_told_are_those_of_the_nodes_and_each_client_gets_one()
    {
        var stage = await farm.WholeAsync();
        foreach (var client in stage.Lab.Clients)
        {
            foreach (var target in new[] { LabAddresses.Web4, LabAddresses.Web6 })
            {
                await client.RunAsync("ip", "neigh", "flush", "all");
                var socket = client.Network.Invoke(() => HttpExchange.CreateSocket(target.AddressFamily, sourcePort: 0));
                var outcome = await HttpExchange.RunAsync(socket, target, TimeSpan.FromSeconds(5));
                Assert.True(outcome.Answered, $"{target}: {outcome.Error}");
                Assert.Contains(await EntryOfAsync(client, target.Address.ToString()), Enumerable.Range(1, 3).Select(LabAddresses.NodeMac));
            }
        }
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_clients_of_an_entry_that_dies_do_not_wait_for_their_caches(bool ipv6)
    {
        var stage = await farm.WholeAsync();
        var victim = stage.Node(2);
        var client = stage.Lab.Clients[0];
        await using var probe = await stage.StartProbeAsync(ipv6);
        // Another node's connections: what they wait for is the entry alone.
        probe.Watch(stage.Node(3).Name);
        await EnterByAsync(client, victim.Number, "reachable");
        var before = stage.Wire.Report();

        var at = await victim.PowerOffAsync();
        var outage = await probe.WaitForEndAsync(at, TimeSpan.FromSeconds(1.5), _outageLimit);
        await stage.WaitForHeirsAsync(victim);

        var address = ipv6 ? LabAddresses.Virtual6 : LabAddresses.Virtual4;
        Assert.True(outage.Over && outage.Unanswered > 0, "the entry's death was not felt, so it was no entry");
        Assert.True(outage.Seconds < 3, $"clients waited {outage.Seconds:0.000} s");
        Assert.NotEqual(LabAddresses.NodeMac(victim.Number), await EntryOfAsync(client, address.ToString()));
        AssertOneOwner(stage.Wire.Report().Since(before));
        Console.WriteLine($"entry died, IPv{(ipv6 ? 6 : 4)}: {outage.Seconds * 1000:0} ms");
        await ReturnQuietlyAsync(stage, victim);
    }

    [RootFact]
    public async Task An_entry_that_leaves_by_order_fails_no_request()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(2);
        foreach (var client in stage.Lab.Clients)
            await EnterByAsync(client, node.Number, "reachable");
        var before = stage.Wire.Report();
        await using var load = stage.StartLoad();

        var seen = await load.DuringAsync(async () =>
        {
            await node.LeaveAsync();
            await Task.Delay(TimeSpan.FromSeconds(2));
        });

        Assert.True(seen.Failures == 0, seen.ErrorText);
        AssertOneOwner(stage.Wire.Report().Since(before));
        await ReturnQuietlyAsync(stage, node);
    }

    [RootFact]
    public async Task Connections_through_every_entry_survive_a_leave_and_a_return()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(3);
        await EnterByAsync(stage.Lab.Clients[1], entry: 1, "reachable");
        await using var connections = await LongConnections.OpenAsync(stage.Lab.Clients[1], LabAddresses.Web4, count: 90);
        await node.LeaveAsync();
        await ReturnQuietlyAsync(stage, node);
        await Task.Delay(TimeSpan.FromSeconds(1));

        foreach (var other in stage.Without(node))
            Assert.Empty(connections.BrokenOf(other));
    }

    [RootFact]
    public async Task The_test_of_the_network_is_content_with_a_switch_that_does_not_flood()
    {
        var stage = await farm.WholeAsync();
        await stage.Lab.Switch.SetFloodAsync("node1", floods: false);
        try
        {
            var (result, report) = await VipTestTests.TestAsync(stage.Node(3));
            Assert.True(result.ExitCode == 0, result.Text);
            Assert.Equal([("vmac_invisible", "does not work", "flooding"), ("vmac_directed", "works", "received")], VipTestTests.Words(report));
            Assert.StartsWith("keep vmac_directed", report.Recommendation);
        }
        finally
        {
            await stage.Lab.Switch.SetFloodAsync("node1", floods: true);
        }
    }

    private static async Task ReturnQuietlyAsync(FarmStage stage, LabNode node)
    {
        var before = stage.Wire.Report();
        await using var load = stage.StartLoad();
        var seen = await load.DuringAsync(() => stage.BringBackAsync(node));
        Assert.True(seen.Failures == 0, seen.ErrorText);
        AssertOneOwner(stage.Wire.Report().Since(before));
    }

    private static void AssertOneOwner(WireReport wire) => Assert.True(wire is { DoubleAnswers: 0, Lost: 0 }, wire.FindingText);

    /// <summary>As if the client had asked, and the node had answered.</summary>
    private static async Task EnterByAsync(LabClient client, int entry, string state)
    {
        foreach (var address in new[] { LabAddresses.Virtual4, LabAddresses.Virtual6 })
            await client.RunAsync("ip", "neigh", "replace", $"{address}", "lladdr", LabAddresses.NodeMac(entry), "dev", "eth0", "nud", state);
    }

    private static async Task ForgetEntriesAsync(FarmStage stage)
    {
        foreach (var client in stage.Lab.Clients)
        {
            foreach (var address in new[] { LabAddresses.Virtual4, LabAddresses.Virtual6 })
                await client.RunAsync("ip", "neigh", "del", $"{address}", "dev", "eth0");
        }
    }

    private static async Task<string> EntryOfAsync(LabClient client, string address)
    {
        var line = (await client.RunAsync("ip", "neigh", "show", "to", address)).Output;
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "lladdr");
        return at < 0 ? line : words[at + 1];
    }
}
