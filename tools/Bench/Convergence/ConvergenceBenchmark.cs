using SafeKit.Simulation;

namespace SafeKit.Bench.Convergence;

/// <summary>
/// How long farms of 3 to 128 nodes take to agree and what their heartbeats cost, in the simulator: virtual time, no loss,
/// default timings, the protocol's own code.
/// </summary>
public static class ConvergenceBenchmark
{
    private const int NodesWhenQuick = 32;

    public static Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        report.Say("simulated farms, default timings, no loss: virtual time, so the machine's noise does not count");
        foreach (var farm in ConvergenceReport.MeasureAll().TakeWhile(f => !settings.Quick || f.Nodes <= NodesWhenQuick))
        {
            cancel.ThrowIfCancellationRequested();
            report.Measure($"simulated_start_{farm.Nodes}_nodes_s", farm.StartMs / 1000, "s");
            report.Measure($"simulated_crash_outage_{farm.Nodes}_nodes_s", farm.CrashOutageMs / 1000, "s");
            report.Measure($"simulated_leader_crash_outage_{farm.Nodes}_nodes_s", farm.LeaderCrashOutageMs / 1000, "s");
            report.Measure($"simulated_sent_{farm.Nodes}_nodes", farm.BytesPerSecondPerNode / 1000, "kB/s");
        }

        return Task.CompletedTask;
    }
}
