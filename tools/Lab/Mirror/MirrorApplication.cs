namespace SafeKit.Lab.Mirror;

/// <summary>A ready-made module of the product, as the lab runs it.</summary>
/// <param name="Module">Name of the module, and of its folder below <c>modules</c>.</param>
/// <param name="ProcessName">Name of the application's processes (comm of proc(5)).</param>
/// <param name="DataPath">The replicated directory, the same path on both nodes.</param>
/// <param name="ShippedDataPath">What the module's configuration has in its place.</param>
/// <param name="NotReplicated">What of it is left to each node; relative paths.</param>
/// <param name="Program">A program without which the application cannot run.</param>
public sealed record MirrorApplication(
    string Module, string ProcessName, string DataPath, string ShippedDataPath, IReadOnlyList<string> NotReplicated, string Program)
{
    public static MirrorApplication Postgres { get; } = new(
        "postgresql",
        "postgres",
        "/srv/pgsql",
        "/var/lib/postgresql/15/ha",
        ["postmaster.pid", "postmaster.opts", "pg_stat_tmp", "base/pgsql_tmp"],
        Mirror.Postgres.Program("postgres"));
}
