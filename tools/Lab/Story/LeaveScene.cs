using SafeKit.Core;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Story;

/// <summary><c>safekit stop</c> under load and back: not one request fails, nothing is reset.</summary>
public static class LeaveScene
{
    public static async Task PlayAsync(TourStage stage, LabNode victim)
    {
        stage.Report.Say($"leave: safekit stop -m {ClusterFiles.Module} on {victim.Name} under load, then safekit start");
        var others = stage.Lab.NodeNames.Where(node => node != victim.Name).ToList();
        var wireBefore = stage.Wire.Report();
        stage.Probe.Watch(victim.Name);
        var at = MonotonicClock.NowNs;
        var left = await stage.Load.DuringAsync(async () =>
        {
            await victim.LeaveAsync();
            await stage.Lab.WaitWholeAsync(TourStage.SettleLimit, others, stage.Cancel);
            // A request that was hit would fail up to a timeout later.
            await Task.Delay(TimeSpan.FromSeconds(4), stage.Cancel);
        });
        var gap = stage.Probe.LongestSince(at);
        var wire = stage.Wire.Report().Since(wireBefore);
        stage.Report.Measure("leave_failed_requests", left.Failures, "requests");
        stage.Report.Measure("leave_gap_s", gap.Seconds, "s");
        stage.Report.Promise("leave_no_failed_request", left.Failures == 0, $"{left.Answers} answers, errors: {left.ErrorText}");
        stage.Report.Promise("leave_resets_nothing", wire.ResetsOfAll == 0, $"{wire.ResetsOfAll} RST frames from the virtual addresses");
        stage.Report.Promise(
            "leave_nobody_answers_twice", wire is { DoubleAnswers: 0, Lost: 0 }, $"{wire.DoubleAnswers} answered twice: {wire.FindingText}");

        var joinedNs = MonotonicClock.NowNs;
        var joined = await stage.Load.DuringAsync(async () =>
        {
            await NodeFaults.BringBackAsync(victim);
            await stage.SettleAsync();
        });
        stage.Report.Measure("join_s", (MonotonicClock.NowNs - joinedNs) / 1e9, "s");
        stage.Report.Promise("join_no_failed_request", joined.Failures == 0, $"{joined.Answers} answers, errors: {joined.ErrorText}");
    }
}
