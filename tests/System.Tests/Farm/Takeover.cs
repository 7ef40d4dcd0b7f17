using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;

namespace SafeKit.SystemTests.Farm;

/// <summary>How the others took over from a lost node.</summary>
/// <param name="Accepted">Connections on the lost node's source ports since the fault, in the order of the wire.</param>
public sealed record Takeover(
    long FaultNs, OutageEpisode Outage, string Victim, IReadOnlyList<AcceptedConnection> Accepted, WireReport Wire)
{
    /// <summary>
    /// Far above what is measured: a test on a busy machine judges that the others take over, the benchmark how fast.
    /// </summary>
    private const double OutageLimitS = 2;

    public void AssertTakenOver()
    {
        Assert.True(Outage.Seconds < OutageLimitS, $"clients waited {Outage.Seconds:0.000} s");
        Assert.True(Outage.Over || Outage.Unanswered == 0, "clients still wait");
        Assert.Contains(Accepted, accepted => accepted.Node != Victim);
    }

    /// <summary>F1 and F4: never two owners, and nothing from the lost node once another has begun.</summary>
    public void AssertNeverTwoOwners()
    {
        Assert.True(Wire.DoubleAnswers == 0, Wire.FindingText);
        Assert.Equal(0, Wire.Lost);
        var firstOfHeirs = Accepted.First(accepted => accepted.Node != Victim).AtNs;
        Assert.DoesNotContain(Accepted, accepted => accepted.Node == Victim && accepted.AtNs >= firstOfHeirs);
    }
}
