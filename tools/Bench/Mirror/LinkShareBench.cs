using SafeKit.Lab.Isolation;
using SafeKit.Lab.Mirror;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// How much of what the link can carry a reintegration uses: large files to an empty node, and the same once more by order, beside one stream of
/// the same encryption over the same link.
/// </summary>
internal static class LinkShareBench
{
    private const string MakeFiles = "cd $1 && for i in 1 2 3 4; do head -c $2 /dev/urandom > large$i; done; sync -f .";
    private const int Files = 4;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await MirrorLab.CreateAsync(new MirrorOptions { WithPostgres = false });
        var (primary, secondary) = (lab.Nodes[0], lab.Nodes[1]);
        long bytes = settings.LargeFileMib * (1L << 20);
        await Command.MustRunAsync(["sh", "-c", MakeFiles, "sh", primary.DataFolder, $"{bytes}"], timeout: _limit);
        var tcp = await LinkProbe.MeasureAsync(primary, secondary, LinkProbe.Bare);
        var tls = await LinkProbe.MeasureAsync(primary, secondary, LinkProbe.Encrypted);
        report.Measure("link_tcp_mib_s", tcp, "MiB/s");
        report.Measure("link_tls_mib_s", tls, "MiB/s");

        await lab.StartDaemonsAsync();
        await lab.WaitForAsync("both daemons answering", picture => picture.Modules.Values.All(module => module is not null), cancel);
        await primary.MustCliAsync("prim", "-m", lab.Files.Module);
        await lab.WaitLeadsAsync(primary, cancel);
        await MeasureAsync("first_copy", "second");
        await secondary.MustCliAsync("stop", "-m", lab.Files.Module);
        await lab.WaitForAsync("secondary stopped", picture => picture.Is(primary.Name, "ALONE"), cancel);
        await MeasureAsync("full_copy", "second", "fullsync");

        async Task MeasureAsync(string name, params string[] order)
        {
            await secondary.MustCliAsync([.. order, "-m", lab.Files.Module]);
            var took = await lab.WaitForAsync(name, picture => picture.IsPaired, cancel, _limit);
            var rate = Files * settings.LargeFileMib / took.TotalSeconds;
            report.Measure($"{name}_mib_s", rate, "MiB/s");
            report.Measure($"{name}_vs_tls_ratio", rate / tls, "ratio");
        }
    }
}
