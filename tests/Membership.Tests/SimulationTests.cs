using SafeKit.Simulation;
using Xunit.Abstractions;

namespace SafeKit.Membership.Tests;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2000;

    /// <summary>A mistake that only the last seeds find would be found by luck.</summary>
    private const int SeedsToFindMistake = Seeds / 4;

    [Fact]
    public void NoSeedBreaksAnInvariant()
    {
        IReadOnlyList<SimulationViolation> violations = SimulationBatch.Run(1, Seeds, SimulationOptions.FromSeed);
        Assert.True(violations.Count == 0, string.Join('\n', violations.Select(violation => violation.Message)));
    }

    public static TheoryData<string> Mistakes => [.. MutantHunt.Mistakes.Select(mistake => mistake.ToString())];

    /// <summary>The simulator can fail: every mistake planted into the protocol is found by it.</summary>
    [Theory]
    [MemberData(nameof(Mistakes))]
    public void EveryPlantedMistakeIsFound(string mistake)
    {
        SimulationViolation? violation = MutantHunt.Hunt(Enum.Parse<ProtocolMistake>(mistake), SeedsToFindMistake);
        Assert.NotNull(violation);
        output.WriteLine(violation.Message);
    }

    [Fact]
    public void ASeedRepeatsItsRun()
    {
        using var first = new StringWriter();
        using var second = new StringWriter();
        SingleRun.Run(12, first);
        SingleRun.Run(12, second);
        Assert.Equal(first.ToString(), second.ToString());
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(3, false)]
    [InlineData(16, true)]
    [InlineData(16, false)]
    public void TheShareOfACrashedNodeIsServedAgainWithin500Ms(int nodes, bool leader)
    {
        double worstMs = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var cluster = new Cluster(new SimulationOptions { Seed = seed, Nodes = nodes, ClockRatePpmMax = 1000 });
            foreach (SimulatedNode node in cluster.Nodes)
                node.Start();
            cluster.RunFor(2_000_000_000 + ((long)seed * 7_300_000));
            Assert.Null(ConvergenceChecker.Missing(cluster));
            var change = new CalmChange(cluster);
            change.RunCrash(cluster.Nodes[leader ? 0 : nodes - 1], powerOff: seed % 2 == 0);
            worstMs = Math.Max(worstMs, change.OutageMs);
        }

        output.WriteLine($"worst outage {worstMs:F0} ms");
        Assert.True(worstMs < 500, $"{worstMs} ms");
    }

    [Fact]
    public void SixtyFourNodesAgree()
    {
        ConvergenceReport report = ConvergenceReport.Measure(64, 1);
        output.WriteLine(report.ToString());
        Assert.True(report.CrashOutageMs < 500 && report.LeaderCrashOutageMs < 500, report.ToString());
    }
}
