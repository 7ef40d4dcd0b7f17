using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Ledger;
using SafeKit.Lab.Story;

namespace SafeKit.Lab.Mirror.Story;

/// <summary>The whole story of a mirror without a terminal: PostgreSQL under load, every fault in turn, and what clients were promised.</summary>
public static class MirrorTour
{
    private const int BenchScale = 2;

    /// <summary>Plays it and returns the exit code: 0 only if every promise was held.</summary>
    public static async Task<int> RunAsync(MirrorOptions options, TextWriter output, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var report = new TourReport(output);
        var leftovers = new Leftovers();
        try
        {
            await using var lab = await MirrorLab.CreateAsync(options);
            leftovers.Remember(lab.Folder, lab.InitPids);
            await PlayAsync(lab, report, cancel);
        }
        catch (Exception e) when (e is LabException or SafeKitException)
        {
            report.Promise("story_told_to_its_end", held: false, e.Message);
        }

        var left = leftovers.Find();
        report.Promise("nothing_left_behind", left.Count == 0, left.Count == 0 ? "no namespace, process, mount or file" : string.Join("; ", left));
        report.Measure("tour_s", watch.Elapsed.TotalSeconds, "s");
        report.Measure("promises_held", report.Held, "promises");
        report.Measure("promises_broken", report.Broken.Count, "promises");
        return report.AllHeld ? 0 : 1;
    }

    private static async Task PlayAsync(MirrorLab lab, TourReport report, CancellationToken cancel)
    {
        try
        {
            await FirstStartScene.PlayAsync(lab, report, cancel);
            report.Say($"load: pgbench of scale {BenchScale}, and a ledger that remembers every confirmed commit");
            await PgBenchLoad.MakeTablesAsync(lab.Client, BenchScale);
            using var ledger = CommitLedger.Start(lab.Client, Path.Combine(lab.Folder, "confirmed"));
            var stage = new MirrorStage(lab, ledger, report, cancel);
            await using (await PgBenchLoad.StartAsync(lab.Client, Path.Combine(lab.Folder, "pgbench.log")))
                await PlayScenesAsync(stage);
            await LastScene.PlayAsync(stage);
        }
        catch (LabException e)
        {
            throw new LabException($"{e.Message}\n{await lab.LogsAsync()}", e);
        }
    }

    private static async Task PlayScenesAsync(MirrorStage stage)
    {
        await new FailoverScene(stage, "crash").PlayAsync("kill -9 of safekitd, PostgreSQL and everything else", node => node.CrashAsync());
        await SwapScene.PlayAsync(stage);
        await new FailoverScene(stage, "power_off").PlayAsync("power off", node => node.PowerOffAsync());
        await new SecondaryScene(stage, "secondary_crash").PlayAsync("power off", node => node.PowerOffAsync(), MirrorFaults.BringBackAsync);
        await new SecondaryScene(stage, "replication_cut").PlayAsync(
            "cut of the replication network", node => node.SetSecondLanAsync(connected: false), node => node.SetSecondLanAsync(connected: true));
        await BothOffScene.PlayAsync(stage);
    }
}
