using SafeKit.Core.Control;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>F2: every packet is taken by exactly one node, each node takes its share, and trace says which.</summary>
[Collection(FarmCollection.Name)]
public sealed class SpreadTests(FarmFixture farm)
{
    [RootFact]
    public async Task Shares_differ_by_one_bucket_at_most()
    {
        var stage = await farm.WholeAsync();
        var picture = await stage.Lab.PictureAsync();

        Assert.True(picture.IsWhole(stage.Lab.NodeNames), picture.Describe());
    }

    [RootFact]
    public async Task Clients_see_equal_shares_and_no_error()
    {
        var stage = await farm.WholeAsync();
        var wireBefore = stage.Wire.Report();
        await using var load = stage.StartLoad();
        var seen = await load.DuringAsync(() => Task.Delay(TimeSpan.FromSeconds(4)));

        Assert.True(seen.Failures == 0, seen.ErrorText);
        var deviation = Math.Sqrt(1.0 / 3 * 2 / 3 / seen.Answers);
        foreach (var node in stage.Lab.NodeNames)
            Assert.InRange(seen.ShareOf(node), 1.0 / 3 - 5 * deviation, 1.0 / 3 + 5 * deviation);
        var wire = stage.Wire.Report().Since(wireBefore);
        Assert.True(wire.DoubleAnswers == 0, wire.FindingText);
        Assert.Equal(0, wire.ResetsOfAll);
    }

    [RootFact]
    public Task Trace_agrees_with_clients_over_IPv4() => TraceAsync(ipv6: false);

    [RootFact]
    public Task Trace_agrees_with_clients_over_IPv6() => TraceAsync(ipv6: true);

    private async Task TraceAsync(bool ipv6)
    {
        var stage = await farm.WholeAsync();
        await using var probe = await stage.StartProbeAsync(ipv6);
        var client = stage.Lab.Clients[0];
        using var control = stage.Node(2).OpenControl(TimeSpan.FromSeconds(5));
        foreach (var node in stage.Lab.NodeNames)
        {
            foreach (var port in probe.PortsOf(node).Take(5))
            {
                var answer = await control.TraceAsync(new TraceRequest(
                    (ipv6 ? client.Address6 : client.Address4).ToString(),
                    port,
                    (ipv6 ? LabAddresses.Virtual6 : LabAddresses.Virtual4).ToString(),
                    LabAddresses.WebPort,
                    "tcp",
                    Local: false));

                Assert.Equal(3, answer.Nodes.Count);
                Assert.Equal(node, Assert.Single(answer.Nodes, verdict => verdict.Verdict == "taken").Node);
                Assert.All(answer.Nodes, verdict => Assert.Equal(node, verdict.Owner));
            }
        }
    }
}
