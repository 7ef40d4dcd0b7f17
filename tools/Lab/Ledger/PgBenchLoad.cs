using SafeKit.Lab.Isolation;
using SafeKit.Lab.Mirror;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Ledger;

/// <summary>pgbench from the client through the virtual address, begun again whenever a failover ends it, until it is stopped.</summary>
public sealed class PgBenchLoad : IAsyncDisposable
{
    private static readonly TimeSpan _makeLimit = TimeSpan.FromSeconds(180);
    private static readonly string[] _target =
        ["-h", LabAddresses.Virtual4.ToString(), "-p", $"{Postgres.Port}", "-U", Postgres.User];

    // A client whose server vanished would wait for it as long as TCP does: keepalives end that.
    private const string Database = "dbname=postgres keepalives_idle=1 keepalives_interval=1 keepalives_count=2 tcp_user_timeout=2000";

    private const string Script = "trap 'kill $!; exit 0' TERM; while :; do \"$@\" & wait $!; sleep 0.2; done";

    private readonly Service _service;

    /// <summary>Checks tables and indexes of the whole database.</summary>
    public static string[] CheckCommand =>
        [Postgres.Program("pg_amcheck"), "--install-missing", "--heapallindexed", .. _target, "postgres"];

    private PgBenchLoad(Service service) => _service = service;

    /// <summary>Makes pgbench's tables.</summary>
    public static async Task MakeTablesAsync(LabClient client, int scale) =>
        await Command.MustRunAsync(
            client.Machine.Inside([Postgres.Program("pgbench"), "-i", "-q", "-s", $"{scale}", .. _target, "postgres"]), timeout: _makeLimit);

    /// <param name="transactionsPerSecond">All clients together; the tour shares two processors with everything.</param>
    public static async Task<PgBenchLoad> StartAsync(LabClient client, string logFile, int clients = 4, int transactionsPerSecond = 100)
    {
        string[] pgbench =
            [Postgres.Program("pgbench"), "-n", "-c", $"{clients}", "-j", "1", "-T", "3600", "-R", $"{transactionsPerSecond}", .. _target, Database];
        return new PgBenchLoad(await Service.StartAsync(
            client.Machine, ["sh", "-c", Script, "sh", .. pgbench], logFile, new Dictionary<string, string> { ["PGCONNECT_TIMEOUT"] = "2" }));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.TerminateAsync();
        _service.Dispose();
    }
}
