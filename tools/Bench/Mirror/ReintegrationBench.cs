using System.Diagnostics;
using SafeKit.Bench.Outage;
using SafeKit.Lab.Mirror;

namespace SafeKit.Bench.Mirror;

/// <summary>A large tree of which ten files change while the secondary is stopped: how long it takes to be up to date again.</summary>
internal static class ReintegrationBench
{
    private const int Changed = 10;

    private const string MakeTree =
        "cd $1 && i=0; while [ $i -lt $2 ]; do mkdir d$i; (cd d$i && seq -f f%.0f $i $((i + 999)) | xargs touch); i=$((i + 1000)); done";

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(20);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await MirrorLab.CreateAsync(new MirrorOptions { WithPostgres = false });
        var (primary, secondary) = (lab.Nodes[0], lab.Nodes[1]);
        await Lab.Isolation.Command.MustRunAsync(["sh", "-c", MakeTree, "sh", primary.DataFolder, $"{settings.TreeFiles}"], timeout: _limit);
        await lab.StartDaemonsAsync();
        await lab.WaitForAsync("both daemons answering", picture => picture.Modules.Values.All(module => module is not null), cancel);
        await primary.MustCliAsync("prim", "-m", lab.Files.Module);
        await lab.WaitLeadsAsync(primary, cancel);
        await secondary.MustCliAsync("second", "-m", lab.Files.Module);
        var first = await lab.WaitForAsync("first copy", picture => picture.IsPaired, cancel, _limit);
        report.Measure("first_copy_s", first.TotalSeconds, "s");
        ReportMemory("first_copy");

        await secondary.MustCliAsync("stop", "-m", lab.Files.Module);
        await lab.WaitForAsync("secondary stopped", picture => picture.Is(primary.Name, "ALONE"), cancel);
        for (var number = 0; number < Changed; number++)
            await primary.RunAsync(_limit, "sh", "-c", "echo changed > $1", "sh", $"{lab.Files.DataPath}/d{number * 1000}/f{number * 1000}");
        var watch = Stopwatch.StartNew();
        await secondary.MustCliAsync("start", "-m", lab.Files.Module);
        await lab.WaitForAsync("reintegrated", picture => picture.IsPaired, cancel, _limit);
        // The name tells the size: the goal is about a million files.
        var size = settings.TreeFiles == 1_000_000 ? "1m" : $"{settings.TreeFiles / 1000}k";
        report.Measure($"reintegrate_{Changed}_of_{size}_s", watch.Elapsed.TotalSeconds, "s");
        ReportMemory("reintegrate");

        void ReportMemory(string what)
        {
            report.Measure($"{what}_primary_peak_mb", ProcessUsage.PeakResidentMb(primary.DaemonPid), "MB");
            report.Measure($"{what}_secondary_peak_mb", ProcessUsage.PeakResidentMb(secondary.DaemonPid), "MB");
            report.Measure($"{what}_primary_mb", ProcessUsage.ResidentMb(primary.DaemonPid), "MB");
            report.Measure($"{what}_secondary_mb", ProcessUsage.ResidentMb(secondary.DaemonPid), "MB");
        }
    }
}
