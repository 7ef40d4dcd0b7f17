using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Mirror;

/// <summary>Programs of Debian's postgresql-15, and a database made with them.</summary>
public static class Postgres
{
    public const string User = "postgres";
    public const int Port = 5432;

    private const string Programs = "/usr/lib/postgresql/15/bin";

    public static string Program(string name) => Path.Combine(Programs, name);

    /// <summary>Makes an empty database that lets everyone of the lab in.</summary>
    public static async Task MakeDatabaseAsync(MirrorNode node, string folder, TimeSpan limit)
    {
        await OwnAsync(node, folder);
        var made = await node.RunAsync(
            limit, "setpriv", $"--reuid={User}", $"--regid={User}", "--init-groups", "--",
            Program("initdb"), "-D", folder, "--auth=trust", "--data-checksums", "--locale=C", "--encoding=UTF8");
        if (!made.Ok)
            throw new LabException($"initdb failed: {made.Text}");
        await File.AppendAllTextAsync(Path.Combine(node.DataFolder, "pg_hba.conf"), "host all all 10.99.0.0/24 trust\n");
        // What a survey compares stays small, however long the lab runs.
        await File.AppendAllTextAsync(Path.Combine(node.DataFolder, "postgresql.conf"), "max_wal_size = 128MB\n");
    }

    /// <summary>The directory of the node that gets the database from the other: empty but for the file that says that it is the right one.</summary>
    public static async Task PrepareCopyAsync(MirrorNode node, string folder)
    {
        await OwnAsync(node, folder);
        await File.WriteAllTextAsync(Path.Combine(node.DataFolder, "PG_VERSION"), "");
    }

    private static async Task OwnAsync(MirrorNode node, string folder)
    {
        await Command.MustRunAsync(node.Machine.Inside("chown", $"{User}:{User}", folder));
        await Command.MustRunAsync(node.Machine.Inside("chmod", "700", folder));
    }
}
