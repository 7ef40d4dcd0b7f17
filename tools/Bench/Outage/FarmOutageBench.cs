using SafeKit.Lab;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Outage;

/// <summary>
/// Seconds without an answer when a node loses its power, failed requests when nodes leave by order, and what the idle
/// daemon costs: a farm of three nodes with default timings.
/// </summary>
public static class FarmOutageBench
{
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _probeInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _watchAtLeast = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan _outageLimit = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions());
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        await MeasureIdleAsync(lab, settings, report, cancel);
        await MeasureCrashesAsync(lab, settings, report, cancel);
        await MeasureLeavesAsync(lab, settings, report, cancel);
    }

    private static async Task MeasureIdleAsync(
        ClusterLab lab, BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        // The first seconds belong to the start: compilation and first collections.
        await Task.Delay(settings.IdleTime / 2, cancel);
        var before = lab.Nodes.Select(node => ProcessUsage.CpuSeconds(node.DaemonPid)).ToList();
        await Task.Delay(settings.IdleTime, cancel);
        var after = lab.Nodes.Select(node => ProcessUsage.CpuSeconds(node.DaemonPid)).ToList();
        var percents = after.Zip(before, (end, start) => 100 * (end - start) / settings.IdleTime.TotalSeconds).ToList();
        report.Measure("daemon_rss_mb", lab.Nodes.Max(node => ProcessUsage.ResidentMb(node.DaemonPid)), "MB");
        report.Measure("daemon_cpu_percent", percents.Average(), "%");
    }

    private static async Task MeasureCrashesAsync(
        ClusterLab lab, BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var probe = new OutageProbe(lab.Clients[0], LabAddresses.Web4, _probeInterval);
        var outages = new List<double>();
        for (var round = 0; round < settings.Repeats; round++)
        {
            var victim = lab.Nodes[round % lab.Nodes.Count];
            await probe.LearnAsync(_settleLimit);
            probe.Watch(victim.Name);
            var at = await victim.PowerOffAsync();
            var outage = await probe.WaitForEndAsync(at, _watchAtLeast, _outageLimit);
            outages.Add(outage.Seconds);
            report.Say($"crash {round + 1} of {settings.Repeats}: {victim.Name}, {outage.Seconds:0.000} s");
            await NodeFaults.BringBackAsync(victim);
            await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        }

        report.Measure("crash_outage_median_s", Samples.Median(outages), "s");
        report.Measure("crash_outage_max_s", outages.Max(), "s");
    }

    private static async Task MeasureLeavesAsync(
        ClusterLab lab, BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        LoadSnapshot seen;
        var load = new LoadGroup(lab.Clients, new LoadOptions { RequestsPerSecond = 100 });
        await using (load)
        {
            for (var round = 0; round < settings.Repeats; round++)
            {
                var victim = lab.Nodes[round % lab.Nodes.Count];
                await victim.LeaveAsync();
                await lab.WaitWholeAsync(_settleLimit, lab.NodeNames.Where(node => node != victim.Name).ToList(), cancel);
                await NodeFaults.BringBackAsync(victim);
                await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
            }
        }

        // Read after the load has waited for its last requests: a request that fails does so at its timeout.
        seen = load.Snapshot();
        report.Say($"{settings.Repeats} leaves and returns, {seen.Answers} answers, errors: {seen.ErrorText}");
        report.Measure("leave_requests", seen.Sent, "requests");
        report.Measure("leave_failed_requests", seen.Failures, "requests");
        report.Measure("leave_latency_p99_ms", seen.PercentileMs(0.99), "ms");
    }
}
