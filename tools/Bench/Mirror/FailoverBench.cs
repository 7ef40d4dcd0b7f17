using SafeKit.Lab.Ledger;
using SafeKit.Lab.Mirror;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// Seconds without a confirmed commit when the primary of a PostgreSQL mirror loses its power under load: detection, promotion, the
/// address, and PostgreSQL's recovery.
/// </summary>
internal static class FailoverBench
{
    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await MirrorLab.CreateAsync(new MirrorOptions());
        await lab.StartAsync(cancel);
        using var ledger = CommitLedger.Start(lab.Client, Path.Combine(lab.Folder, "confirmed"));
        var outages = new List<double>();
        for (var round = 1; round <= settings.Failovers; round++)
        {
            await ledger.WaitForServiceAsync(Core.MonotonicClock.NowNs, cancel: cancel);
            var primary = await lab.PrimaryAsync(cancel);
            var at = await primary.PowerOffAsync();
            await lab.WaitLeadsAsync(lab.Other(primary), cancel);
            await ledger.WaitForServiceAsync(at, rows: 50, cancel);
            outages.Add(ledger.OutageS(at));
            report.Say($"failover {round} of {settings.Failovers}: {outages[^1]:0.000} s");
            await MirrorFaults.BringBackAsync(primary);
            await lab.WaitPairedAsync(cancel);
        }

        report.Measure("failover_s", Samples.Median(outages), "s");
        report.Measure("failover_max_s", outages.Max(), "s");
        report.Measure("failover_lost_commits", ledger.Check().LostCount, "commits");
    }
}
