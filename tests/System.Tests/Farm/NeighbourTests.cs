using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>ARP and neighbour discovery: only the virtual MAC is told for a virtual address, and nobody ever sends with it.</summary>
[Collection(FarmCollection.Name)]
public sealed class NeighbourTests(FarmFixture farm)
{
    [RootFact]
    public async Task Clients_learn_the_virtual_mac_by_ARP_and_by_neighbour_discovery()
    {
        var stage = await farm.WholeAsync();
        var before = stage.Wire.Report();
        foreach (var client in stage.Lab.Clients)
        {
            await client.RunAsync("ip", "neigh", "flush", "all");
            foreach (var target in new[] { LabAddresses.Web4, LabAddresses.Web6 })
            {
                var socket = client.Network.Invoke(() => HttpExchange.CreateSocket(target.AddressFamily, sourcePort: 0));
                var outcome = await HttpExchange.RunAsync(socket, target, TimeSpan.FromSeconds(5));
                Assert.True(outcome.Answered, $"{target}: {outcome.Error}");
            }

            var neighbours = (await client.RunAsync("ip", "neigh", "show")).Output.Split('\n');
            Assert.Contains(neighbours, line => line.StartsWith($"{LabAddresses.Virtual4} ") && line.Contains(LabAddresses.VirtualMac));
            Assert.Contains(neighbours, line => line.StartsWith($"{LabAddresses.Virtual6} ") && line.Contains(LabAddresses.VirtualMac));
        }

        AssertClean(stage, before);
    }

    [RootFact]
    public async Task The_virtual_mac_is_never_a_source_even_while_nodes_leave_and_return()
    {
        var stage = await farm.WholeAsync();
        var before = stage.Wire.Report();
        await using var load = stage.StartLoad();
        var node = stage.Node(3);
        await node.MustCliAsync("stop", "-m", ClusterFiles.Module);
        await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit, stage.Without(node));
        foreach (var client in stage.Lab.Clients)
            await client.RunAsync("ip", "neigh", "flush", "all");
        await Task.Delay(TimeSpan.FromSeconds(1));
        await stage.BringBackAsync(node);

        AssertClean(stage, before);
    }

    private static void AssertClean(FarmStage stage, Lab.Capture.WireReport before)
    {
        var wire = stage.Wire.Report().Since(before);
        Assert.Equal(0, wire.Lost);
        Assert.True(wire.VirtualMacTold > 0, "nobody answered ARP or neighbour solicitations");
        Assert.True(wire.WrongMacTold == 0, wire.FindingText);
        Assert.True(wire.VirtualMacAsSource == 0, wire.FindingText);
    }
}
