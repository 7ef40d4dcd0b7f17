using SafeKit.Core;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Story;

/// <summary>
/// A node fails, the others take over its share, it comes back: the frame that crash, SIGSTOP, power loss and cable cut
/// have in common, with what is promised in each of them.
/// </summary>
public sealed class FaultScene(TourStage stage, string name, LabNode victim)
{
    /// <summary>What clients of the lost node may wait at most.</summary>
    private const double OutageLimitS = 1.0;

    private static readonly TimeSpan _outageEndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _watchAtLeast = TimeSpan.FromSeconds(1.5);

    /// <summary>Plays the scene.</summary>
    /// <param name="fault">Does it and returns the instant just before.</param>
    /// <param name="canStillAnswer">Whether the victim's nginx is still there and reachable, so that it must be silenced.</param>
    public async Task PlayAsync(string story, Func<Task<long>> fault, bool canStillAnswer)
    {
        stage.Report.Say($"{name}: {story}");
        stage.Probe.Watch(victim.Name);
        var ports = stage.Probe.PortsOf(victim.Name).ToHashSet();
        var wireBefore = stage.Wire.Report();
        var loadBefore = stage.Load.Snapshot();

        var at = await fault();
        var outage = await stage.Probe.WaitForEndAsync(at, _watchAtLeast, _outageEndLimit);
        var others = stage.Lab.NodeNames.Where(node => node != victim.Name).ToList();
        await stage.Lab.WaitForAsync(
            $"{string.Join(" and ", others)} sharing alone", picture => HoldAll(picture, others), TourStage.SettleLimit, stage.Cancel);
        JudgeTakeover(at, outage, ports, canStillAnswer);
        JudgeWire("taken_over", stage.Wire.Report().Since(wireBefore));

        await ReturnAsync();
        stage.Report.Measure($"{name}_failed_requests", stage.Load.Snapshot().Since(loadBefore).Failures, "requests");
    }

    private static bool HoldAll(ClusterPicture picture, IReadOnlyCollection<string> nodes) =>
        nodes.All(picture.IsUp) && nodes.Sum(picture.Buckets) == picture.BucketsOfAll && picture.Spread(nodes) <= 1;

    private async Task ReturnAsync()
    {
        var wireBefore = stage.Wire.Report();
        var watch = MonotonicClock.NowNs;
        await NodeFaults.BringBackAsync(victim);
        await stage.SettleAsync();
        stage.Report.Measure($"{name}_return_s", (MonotonicClock.NowNs - watch) / 1e9, "s");
        JudgeWire("returned", stage.Wire.Report().Since(wireBefore));
    }

    private void JudgeTakeover(long at, OutageEpisode outage, HashSet<int> ports, bool canStillAnswer)
    {
        stage.Report.Measure($"{name}_outage_s", outage.Seconds, "s");
        stage.Report.Promise(
            $"{name}_others_serve_within_1_s", outage.Seconds < OutageLimitS && (outage.Over || outage.Unanswered == 0),
            $"{outage.Seconds:0.000} s without an answer, {outage.Unanswered} probes lost");

        var accepted = stage.Wire.Judge.AcceptedSince(at).Where(a => ports.Contains(a.Connection.ClientPort)).ToList();
        var lastOfVictim = accepted.LastOrDefault(a => a.Node == victim.Name).AtNs;
        var firstOfHeir = accepted.FirstOrDefault(a => a.Node != victim.Name).AtNs;
        if (canStillAnswer)
            stage.Report.Measure($"{name}_last_answer_s", lastOfVictim == 0 ? 0 : (lastOfVictim - at) / 1e9, "s");
        stage.Report.Promise(
            $"{name}_silent_before_takeover", firstOfHeir != 0 && lastOfVictim < firstOfHeir,
            lastOfVictim == 0
                ? "the lost node accepted nothing after its fault"
                : $"its last answer came {(firstOfHeir - lastOfVictim) / 1e6:0} ms before the first of the others");
    }

    private void JudgeWire(string when, WireReport seen) =>
        stage.Report.Promise(
            $"{name}_nobody_answers_twice_{when}", seen is { DoubleAnswers: 0, Lost: 0 },
            $"{seen.Accepted.Values.Sum()} connections, {seen.DoubleAnswers} answered twice, {seen.Lost} frames not seen"
                + (seen.DoubleAnswers > 0 ? $": {seen.FindingText}" : ""));
}
