using SafeKit.Core;
using SafeKit.Simulation;

namespace SafeKit.Membership.Tests;

/// <summary>A node with another configuration is not let in, and does not answer beside the others either.</summary>
public sealed class StrangerTests
{
    private const long MsNs = 1_000_000;

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(5, 1)]
    [InlineData(2, 1)]
    public void TheStrangerTakesNothingWhileTheOthersAct(int nodes, int stranger)
    {
        var cluster = Started(nodes, stranger);
        Assert.Equal(0, Taken(cluster.Nodes[stranger]));
        Assert.Equal(Limits.BucketsPerGroup, cluster.Nodes.Where(n => n.Index != stranger).Sum(Taken));
    }

    [Fact]
    public void OfTwoNodesTheLowerActs()
    {
        var cluster = Started(2, stranger: 0);
        Assert.Equal(Limits.BucketsPerGroup, Taken(cluster.Nodes[0]));
        Assert.Equal(0, Taken(cluster.Nodes[1]));
    }

    [Fact]
    public void TheStrangerServesOnceTheOthersAreGone()
    {
        var cluster = Started(3, stranger: 2);
        cluster.Nodes[0].PowerOff();
        cluster.Nodes[1].PowerOff();
        cluster.RunFor(2000 * MsNs);
        Assert.Equal(Limits.BucketsPerGroup, Taken(cluster.Nodes[2]));
    }

    [Fact]
    public void TheDifferenceIsReportedOnce()
    {
        var reports = 0;
        var cluster = new Cluster(new SimulationOptions { Seed = 3, Nodes = 3, Stranger = 2 })
        {
            OnDecision = (node, decision) => reports += node.Index == 2 && decision.Rule == "configuration-differs" ? 1 : 0,
        };
        Start(cluster);
        Assert.Equal(2, reports);
    }

    [Fact]
    public void WhoStartsAmongFramesOfAnotherKeyTakesNothing()
    {
        var output = new RecordingOutput();
        var core = new MembershipCore(TestSettings.Of(1, 2), 1, 0);
        for (long nowNs = 0; nowNs < 3000 * MsNs; nowNs += 10 * MsNs)
        {
            core.HearForeign(nowNs);
            core.Tick(nowNs, output);
        }

        Assert.Null(core.ActiveView);
        Assert.True(core.Snapshot(3000 * MsNs).AmongForeigners);
        for (long nowNs = 3000 * MsNs; nowNs < 4000 * MsNs; nowNs += 10 * MsNs)
            core.Tick(nowNs, output);
        Assert.NotNull(core.ActiveView);
    }

    [Fact]
    public void WhoHasActedIgnoresFramesOfAnotherKey()
    {
        var output = new RecordingOutput();
        var core = new MembershipCore(TestSettings.Of(1, 2), 1, 0);
        for (long nowNs = 0; nowNs < 3000 * MsNs; nowNs += 10 * MsNs)
        {
            if (nowNs > 1000 * MsNs)
                core.HearForeign(nowNs);
            core.Tick(nowNs, output);
        }

        Assert.NotNull(core.ActiveView);
    }

    private static Cluster Started(int nodes, int stranger)
    {
        var cluster = new Cluster(new SimulationOptions { Seed = 3, Nodes = nodes, Stranger = stranger });
        Start(cluster);
        return cluster;
    }

    private static void Start(Cluster cluster)
    {
        foreach (var node in cluster.Nodes)
            node.Start();
        cluster.RunFor(3000 * MsNs);
    }

    private static int Taken(SimulatedNode node) =>
        node.Accepts ? node.Filter.Rows.ToArray().Count(row => (row & (byte)RowFlags.Mine) != 0) : 0;
}
