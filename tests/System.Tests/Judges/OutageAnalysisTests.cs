using SafeKit.Lab.Load;

namespace SafeKit.SystemTests.Judges;

public sealed class OutageAnalysisTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Every_probe_answered_is_no_outage() =>
        Assert.Empty(OutageAnalysis.Episodes(Probes(0, 1000, answered: true)));

    [Fact]
    public void An_outage_runs_from_the_first_lost_probe_to_the_answer_of_the_first_after_the_last()
    {
        var probes = Probes(0, 100, answered: true)
            .Concat(Probes(100, 400, answered: false))
            .Concat(Probes(400, 500, answered: true));

        var outage = Assert.Single(OutageAnalysis.Episodes(probes));

        Assert.Equal(100 * Ms, outage.StartNs);
        Assert.Equal(401 * Ms, outage.EndNs);
        Assert.Equal(30, outage.Unanswered);
        Assert.True(outage.Over);
    }

    [Fact]
    public void Answers_between_do_not_end_an_outage_that_goes_on()
    {
        var probes = Probes(0, 100, answered: false)
            .Concat(Probes(100, 200, answered: true))
            .Concat(Probes(200, 300, answered: false))
            .Concat(Probes(300, 400, answered: true));

        Assert.Equal(0.301, Assert.Single(OutageAnalysis.Episodes(probes)).Seconds, 6);
    }

    [Fact]
    public void A_lone_lost_probe_later_is_another_outage()
    {
        var probes = Probes(0, 200, answered: false)
            .Concat(Probes(200, 1500, answered: true))
            .Concat(Probes(1500, 1510, answered: false))
            .Concat(Probes(1510, 1600, answered: true));

        Assert.Equal(2, OutageAnalysis.Episodes(probes).Count);
        Assert.Equal(0.201, OutageAnalysis.Longest(probes).Seconds, 6);
    }

    [Fact]
    public void An_outage_without_end_says_so() =>
        Assert.False(OutageAnalysis.Longest(Probes(0, 100, answered: false)).Over);

    // Probes come back in any order; the analysis sorts them by when they were sent.
    private static IEnumerable<RequestOutcome> Probes(int fromMs, int toMs, bool answered) =>
        Enumerable.Range(0, (toMs - fromMs) / 10).Reverse().Select(step =>
        {
            var sentNs = (fromMs + step * 10) * Ms;
            return answered
                ? new RequestOutcome("node1", null, sentNs, sentNs + Ms)
                : new RequestOutcome(null, "connect-timeout", sentNs, sentNs + 100 * Ms);
        });
}
