using SafeKit.Lab.Ledger;
using SafeKit.Lab.Story;

namespace SafeKit.Lab.Mirror.Story;

/// <summary>Everything that a scene of the mirror's tour works with. Owned by the tour.</summary>
public sealed record MirrorStage(MirrorLab Lab, CommitLedger Ledger, TourReport Report, CancellationToken Cancel)
{
    /// <summary>Promise that nothing confirmed is lost, at this point of the story.</summary>
    public void JudgeLedger(string scene)
    {
        var report = Ledger.Check();
        Report.Promise($"{scene}_no_confirmed_commit_lost", report.Held, report.Text);
    }

    /// <summary>How long clients were without a commit since an instant, as a figure and as a promise.</summary>
    public void JudgeOutage(string scene, long sinceNs, double limitS)
    {
        var outage = Ledger.OutageS(sinceNs);
        Report.Measure($"{scene}_outage_s", outage, "s");
        Report.Promise($"{scene}_outage_below_{limitS:0}_s", outage < limitS, $"{outage:0.000} s without a confirmed commit");
    }

    /// <summary>Waits until both nodes hold the same again, while clients write, and measures it.</summary>
    public async Task ReturnAsync(string scene)
    {
        var took = await Lab.WaitPairedAsync(Cancel);
        Report.Measure($"{scene}_return_s", took.TotalSeconds, "s");
        Report.Promise($"{scene}_both_nodes_hold_the_same_again", held: true, (await Lab.PictureAsync(Cancel)).Describe());
    }
}
