using System.Globalization;
using SafeKit.Lab;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// What replication costs: the same work on a plain directory, on a replicated one with each way of waiting, and on GlusterFS with two
/// copies. Native is measured first
/// and last, because the machine is noisy; read the ratios.
/// </summary>
internal static class MirrorBench
{
    /// <summary>As the ready-made PostgreSQL module configures its directory.</summary>
    private const string ForDatabases = "mirror_second_sync";

    /// <summary>The defaults.</summary>
    private const string ForFiles = "mirror_second_close";

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        var figures = new Dictionary<string, TargetFigures>();
        foreach (var variant in settings.Variants)
        {
            if (variant == "native")
                await MeasureAsync(new NativeTarget("native"), settings, report, figures, cancel);
            else if (variant == "gluster")
                await MeasureGlusterAsync(settings, report, figures, cancel);
            else
                await MeasureAsync(await SafeKitTarget.StartAsync(MirrorVariant.Parse(variant), cancel), settings, report, figures, cancel);
        }

        Report(report, figures);
    }

    private static async Task MeasureGlusterAsync(
        BenchSettings settings, BenchReport report, Dictionary<string, TargetFigures> figures, CancellationToken cancel)
    {
        if (GlusterTarget.Obstacle() is { } obstacle)
        {
            report.Say($"GlusterFS is not measured: {obstacle}");
            return;
        }

        try
        {
            await MeasureAsync(await GlusterTarget.StartAsync(cancel), settings, report, figures, cancel);
        }
        catch (LabException e)
        {
            report.Say($"GlusterFS is not measured further: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static async Task MeasureAsync(
        IBenchTarget target, BenchSettings settings, BenchReport report, Dictionary<string, TargetFigures> figures, CancellationToken cancel)
    {
        await using (target)
        {
            report.Say($"measuring {target.Name}");
            if (!figures.TryGetValue(target.Name, out var own))
                figures[target.Name] = own = new TargetFigures();
            await FileJobs.RunAsync(target, settings, own, cancel);
            if (SmallFiles.Rows.Any(settings.WantsRow))
                await SmallFiles.RunAsync(target, settings, own);
            if (DatabaseJobs.Rows.Any(settings.WantsRow))
                await DatabaseJobs.RunAsync(target, settings, own, cancel);
            foreach (var row in own.Rows)
                report.Say(string.Create(CultureInfo.InvariantCulture, $"{target.Name} {row} {own[row]:0.##}"));
        }
    }

    private static void Report(BenchReport report, Dictionary<string, TargetFigures> figures)
    {
        foreach (var row in figures.Values.SelectMany(own => own.Rows).Distinct())
        {
            foreach (var (name, own) in figures)
                report.Measure($"{name}_{row}", own[row], UnitOf(row));
        }

        if (figures.GetValueOrDefault("native") is not { } native)
            return;
        var none = new TargetFigures();
        var (databases, files) = (figures.GetValueOrDefault(ForDatabases, none), figures.GetValueOrDefault(ForFiles, none));
        Ratio(report, "pgbench_vs_native_ratio", databases["pgbench_tps"], native["pgbench_tps"]);
        Ratio(report, "pgbench_init_vs_native_ratio", databases["pgbench_init_s"], native["pgbench_init_s"]);
        Ratio(report, "rand_read_warm_vs_native_ratio", files["rand_read_warm_iops"], native["rand_read_warm_iops"]);
        Ratio(report, "buffered_write_vs_native_ratio", files["buffered_write_iops"], native["buffered_write_iops"]);
        if (figures.GetValueOrDefault("gluster") is not { } gluster)
            return;
        Ratio(report, "pgbench_vs_gluster_ratio", databases["pgbench_tps"], gluster["pgbench_tps"]);
        Ratio(report, "smallfile_create_vs_gluster_ratio", files["smallfile_create_files_s"], gluster["smallfile_create_files_s"]);
    }

    private static string UnitOf(string row) => row switch
    {
        "initdb_s" or "pgbench_init_s" => "s",
        _ when row.EndsWith("_mib_s", StringComparison.Ordinal) => "MiB/s",
        _ => "1/s",
    };

    private static void Ratio(BenchReport report, string name, double value, double basis)
    {
        if (!double.IsNaN(value) && !double.IsNaN(basis))
            report.Measure(name, value / basis, "ratio");
    }
}
