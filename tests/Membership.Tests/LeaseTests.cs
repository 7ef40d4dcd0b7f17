using SafeKit.Core;
using SafeKit.Simulation;

namespace SafeKit.Membership.Tests;

public sealed class LeaseTests
{
    private const long MsNs = 1_000_000;

    [Theory]
    [InlineData(50, 4, 5, 400)]
    [InlineData(100, 10, 20, 2300)]
    [InlineData(10, 3, 3, 130)]
    public void TheLeaseOutlastsDetection(int pulseMs, int slost, int mlost, int leaseMs)
    {
        MembershipSettings settings = TestSettings.Of(0, 3) with { PulseMs = pulseMs, SlostCount = slost, MlostCount = mlost };
        Assert.Equal(leaseMs, settings.LeaseMs);
        Assert.Equal(7_777, (settings with { LeaseMsGiven = 7_777 }).LeaseMs);
    }

    [Fact]
    public void ANodeThatStartsWaitsForLeasesItMayHaveProlongedInAFormerLife()
    {
        var output = new RecordingOutput();
        var core = new MembershipCore(TestSettings.Of(0, 2), 1, 0);
        long fenceNs = core.Settings.FenceNs;
        long nowNs = 0;
        while (output.Decisions.All(d => d.Rule != "acquire"))
        {
            core.Tick(nowNs, output);
            Assert.True(nowNs >= fenceNs || core.LeaseUntilNs == 0);
            nowNs = core.NextTickNs;
            Assert.True(nowNs <= fenceNs + (60 * MsNs), "it takes over once the fence has ended");
        }

        Assert.True(output.Rows.AsSpan().IndexOfAnyExcept((byte)RowFlags.Mine) < 0, "alone it takes everything");
        // The lease is in the filter before the rows that need it.
        Assert.Equal(["lease", "rows"], output.Order.Where(o => o != "send").Skip(1).Take(2));
    }

    [Fact]
    public void RowsAreGivenBackBeforeAnybodyIsTold()
    {
        var output = new RecordingOutput();
        var core = new MembershipCore(TestSettings.Of(0, 2), 1, 0);
        core.Tick(0, output);
        Assert.Equal("rows", output.Order[0]);
        Assert.Equal("send", output.Order[1]);
    }

    [Fact]
    public void AStoppedProcessTakesNothingOnceItsLeaseHasEnded()
    {
        Cluster cluster = Whole(3);
        SimulatedNode stopped = cluster.Nodes[1];
        stopped.Pause();
        cluster.RunFor(cluster.Nodes[0].Settings.LeaseNs);
        Assert.False(stopped.Accepts);
        cluster.RunFor(100 * MsNs);
        Assert.Equal(0, CountMine(stopped, accepting: true));
        Assert.Equal(Limits.BucketsPerGroup, CountMine(cluster.Nodes[0], true) + CountMine(cluster.Nodes[2], true));

        stopped.Resume();
        cluster.RunFor(500 * MsNs);
        Assert.Null(ConvergenceChecker.Missing(cluster));
    }

    [Fact]
    public void ANodeThatIsItselfLateAccusesNobody()
    {
        Cluster cluster = Whole(3);
        var accused = new List<string>();
        cluster.OnDecision = (node, decision) =>
        {
            if (node.Index == 0 && decision.Rule is "crash-detected" or "not-heard-by")
                accused.Add(decision.ToString());
        };
        cluster.Nodes[0].Pause();
        cluster.RunFor(190 * MsNs);
        cluster.Nodes[0].Resume();
        cluster.RunFor(300 * MsNs);
        Assert.Empty(accused);
        Assert.Null(ConvergenceChecker.Missing(cluster));
    }

    [Fact]
    public void OnTheSmallerSideOfAPartialCutANodeYields()
    {
        Cluster cluster = Whole(3);
        cluster.Network.SetCut(0, 0, 1, true, cluster.NowNs);
        cluster.Network.SetCut(0, 1, 0, true, cluster.NowNs);
        cluster.RunFor(1500 * MsNs);

        // n2 hears both and follows n0; n1 hears of their view and takes nothing.
        Assert.False(cluster.Nodes[1].Accepts && CountMine(cluster.Nodes[1], true) > 0);
        Assert.Equal(Limits.BucketsPerGroup, CountMine(cluster.Nodes[0], true) + CountMine(cluster.Nodes[2], true));
    }

    [Fact]
    public void TwoFollowersThatAreCutFromEachOtherDoNotStopTheFarm()
    {
        Cluster cluster = Whole(3);
        cluster.Network.SetCut(0, 1, 2, true, cluster.NowNs);
        cluster.Network.SetCut(0, 2, 1, true, cluster.NowNs);
        cluster.RunFor(1500 * MsNs);
        Assert.Equal(Limits.BucketsPerGroup, cluster.Nodes.Sum(node => CountMine(node, true)));
    }

    [Fact]
    public void TheLossOfOneLanOfTwoIsNoticedByNobody()
    {
        var cluster = new Cluster(new SimulationOptions { Seed = 5, Nodes = 3, Lans = 2 });
        Start(cluster);
        ViewId before = cluster.Nodes[0].Active!.Id;
        for (int from = 0; from < 3; from++)
        {
            for (int to = 0; to < 3; to++)
                cluster.Network.SetCut(1, from, to, from != to, cluster.NowNs);
        }

        cluster.RunFor(2000 * MsNs);
        Assert.Equal(before, cluster.Nodes[2].Active!.Id);
        Assert.Null(ConvergenceChecker.Missing(cluster));
    }

    [Fact]
    public void ASteadyClusterDoesNotAllocate()
    {
        var left = new MembershipCore(TestSettings.Of(0, 2), 1, 0);
        var right = new MembershipCore(TestSettings.Of(1, 2), 2, 0);
        var toRight = new PipeOutput();
        var toLeft = new PipeOutput();
        long before = 0;
        for (int i = 0; i < 3000; i++)
        {
            if (i == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            long nowNs = i * 10 * MsNs;
            left.Tick(nowNs, toRight);
            right.Tick(nowNs, toLeft);
            toRight.DrainInto(right, nowNs, toLeft);
            toLeft.DrainInto(left, nowNs, toRight);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotNull(left.ActiveView);
        Assert.Equal(2, left.ActiveView.Members.Length);
    }

    private static int CountMine(SimulatedNode node, bool accepting) =>
        accepting && !node.Accepts ? 0 : node.Filter.Rows.ToArray().Count(row => (row & (byte)RowFlags.Mine) != 0);

    private static Cluster Whole(int nodes)
    {
        var cluster = new Cluster(new SimulationOptions { Seed = 3, Nodes = nodes });
        Start(cluster);
        return cluster;
    }

    private static void Start(Cluster cluster)
    {
        foreach (SimulatedNode node in cluster.Nodes)
            node.Start();
        cluster.RunFor(1000 * MsNs);
        Assert.Null(ConvergenceChecker.Missing(cluster));
    }
}
