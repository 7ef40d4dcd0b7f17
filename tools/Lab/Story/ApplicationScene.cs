using SafeKit.Core;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Story;

/// <summary>A node's nginx stops: the checker gives the share to the others, and takes it back when nginx answers again.</summary>
public static class ApplicationScene
{
    public static async Task PlayAsync(TourStage stage, LabNode victim)
    {
        stage.Report.Say($"nginx_stop: nginx of {victim.Name} is stopped and cannot start until it is mended");
        var before = stage.Load.Snapshot();
        var at = await victim.StopNginxAsync(broken: true);
        await stage.Lab.WaitForAsync(
            $"{victim.Name} giving its share away",
            picture => picture.Buckets(victim.Name) == 0
                && stage.Lab.NodeNames.Sum(picture.Buckets) == picture.BucketsOfAll,
            TourStage.SettleLimit,
            stage.Cancel);
        stage.Report.Measure("nginx_stop_share_left_s", (MonotonicClock.NowNs - at) / 1e9, "s");
        stage.Report.Measure("nginx_stop_failed_requests", stage.Load.Snapshot().Since(before).Failures, "requests");

        var without = await stage.Load.DuringAsync(() => Task.Delay(TimeSpan.FromSeconds(1), stage.Cancel));
        stage.Report.Promise(
            "nginx_stop_others_serve_all", without.Failures == 0 && without.Answers > 0 && without.ShareOf(victim.Name) == 0,
            $"{without.Answers} answers, {100 * without.ShareOf(victim.Name):0.0} % from {victim.Name}, errors: {without.ErrorText}");

        var mendedNs = MonotonicClock.NowNs;
        var back = await stage.Load.DuringAsync(async () =>
        {
            await NodeFaults.BringBackAsync(victim);
            await stage.SettleAsync();
        });
        stage.Report.Measure("nginx_start_share_back_s", (MonotonicClock.NowNs - mendedNs) / 1e9, "s");
        stage.Report.Promise("nginx_start_share_comes_back", back.Failures == 0, $"errors while it came back: {back.ErrorText}");
    }
}
