using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using SafeKit.Lab;
using SafeKit.Lab.Mirror;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// PostgreSQL on the target: initdb and pgbench -i in seconds, pgbench in transactions per second (8 clients, over its Unix socket).
/// </summary>
internal static partial class DatabaseJobs
{
    public static readonly IReadOnlyList<string> Rows = ["initdb_s", "pgbench_init_s", "pgbench_tps"];

    private const string Scale = "10";

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(300);

    public static async Task RunAsync(IBenchTarget target, BenchSettings settings, TargetFigures figures, CancellationToken cancel)
    {
        var data = Path.Combine(target.Folder, "pgsql");
        var sockets = Path.Combine(target.Scratch, "sockets");
        // The folders above it belong to root; PostgreSQL's user only passes through.
        await target.MustRunAsync(_limit, "chmod", "o+x", target.Scratch, target.Folder);
        await target.MustRunAsync(_limit, "install", "-d", "-o", Postgres.User, "-m", "700", data, sockets);
        figures.Add("initdb_s", await TimeAsync(target, [Postgres.Program("initdb"), "-D", data, "--auth=trust", "--locale=C", "--encoding=UTF8"]));
        string[] server = [Postgres.Program("pg_ctl"), "-D", data, "-w", "-t", "60", "-l", Path.Combine(sockets, "log")];
        await AsPostgresAsync(target, [.. server, "-o", $"-c listen_addresses= -c unix_socket_directories={sockets} -c max_wal_size=4GB", "start"]);
        try
        {
            string[] pgbench = [Postgres.Program("pgbench"), "-h", sockets, Postgres.User];
            figures.Add("pgbench_init_s", await TimeAsync(target, [.. pgbench, "-i", "-q", "-s", Scale]));
            for (var repeat = 0; repeat < settings.MirrorRepeats; repeat++)
            {
                cancel.ThrowIfCancellationRequested();
                var output = await AsPostgresAsync(target, [.. pgbench, "-n", "-c", "8", "-j", "2", "-T", $"{settings.BenchSeconds}"]);
                var rate = Rate().Match(output);
                figures.Add("pgbench_tps", rate.Success
                    ? double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture)
                    : throw new LabException($"pgbench printed no rate: {output}"));
            }
        }
        finally
        {
            await AsPostgresAsync(target, [.. server, "-m", "fast", "stop"]);
        }

        await target.MustRunAsync(_limit, "rm", "-rf", data, sockets);
    }

    private static async Task<double> TimeAsync(IBenchTarget target, string[] command)
    {
        var watch = Stopwatch.StartNew();
        await AsPostgresAsync(target, command);
        return watch.Elapsed.TotalSeconds;
    }

    // The server that pg_ctl starts must not hold the pipes of the command that started it.
    private static Task<string> AsPostgresAsync(IBenchTarget target, string[] command) => target.MustRunAsync(
        _limit, ["setpriv", $"--reuid={Postgres.User}", $"--regid={Postgres.User}", "--init-groups", "--", .. command]);

    [GeneratedRegex(@"tps = ([0-9.]+)")]
    private static partial Regex Rate();
}
