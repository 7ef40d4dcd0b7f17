using SafeKit.Lab;
using SafeKit.Lab.Story;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Outage;

/// <summary>
/// Restarts of the daemons under load, kill -9 and hand-over in turn, with a lease that is long enough for a restart: requests that fail,
/// packets that are lost, view changes.
/// </summary>
public static class RestartBench
{
    private const int RequestsPerSecond = 20_000;
    private const int ConnectionsOfClient = 48;
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { FarmAttributes = "lease=\"3s\"" });
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        var scene = new RestartScene(lab, ConnectionsOfClient, RequestsPerSecond);
        var seen = await scene.RunAsync(settings.Restarts, cancel: cancel);
        report.Say(seen.Text);
        report.Measure("restarts", seen.AwayMs.Count, "restarts");
        report.Measure("restarts_requests_per_s", seen.RequestsPerSecond, "1/s");
        report.Measure("restarts_failed_requests", seen.Seen.Failures, "requests");
        report.Measure("restarts_retransmitted", seen.Retransmitted, "segments");
        report.Measure("restarts_view_changes", seen.Changed.Count, "views");
        report.Measure("restarts_away_median_ms", Samples.Median([.. seen.AwayMs]), "ms");
        report.Measure("restarts_away_max_ms", seen.AwayMs.Max(), "ms");
    }
}
