using SafeKit.Lab.Isolation;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Mirror;

/// <summary>Programs of Debian's mariadb-server, and a database made with them.</summary>
public static class MariaDb
{
    public const string Server = "/usr/sbin/mariadbd";

    private const string User = "mysql";

    // Without a password, from the lab's network only; the grant tables are not read while a database is made.
    private const string LetTheLabIn =
        "FLUSH PRIVILEGES;\nCREATE USER lab@'10.99.0.%';\nGRANT ALL ON *.* TO lab@'10.99.0.%';\nCREATE DATABASE lab;\n";

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(90);

    /// <summary>The client's command line, through the virtual address; every wait of it is bounded.</summary>
    public static string[] Client { get; } =
    [
        "mariadb", "--no-defaults", "--host", LabAddresses.Virtual4.ToString(), "--user=lab", "--connect-timeout=2", "--skip-reconnect",
        "--batch", "--skip-column-names", "--unbuffered", "lab",
    ];

    /// <summary>Makes an empty database that lets everyone of the lab in.</summary>
    public static async Task MakeDatabaseAsync(MirrorNode node, string folder)
    {
        await OwnAsync(node, folder);
        await Command.MustRunAsync(
            node.Machine.Inside("mariadb-install-db", "--no-defaults", $"--user={User}", $"--datadir={folder}", "--skip-test-db"), timeout: _limit);
        await Command.MustRunAsync(
            node.Machine.Inside(Server, "--no-defaults", "--bootstrap", $"--user={User}", $"--datadir={folder}"), LetTheLabIn, timeout: _limit);
    }

    /// <summary>The directory of the node that gets the database from the other: empty but for the file that says that it is the right one.</summary>
    public static async Task PrepareCopyAsync(MirrorNode node, string folder)
    {
        await OwnAsync(node, folder);
        await File.WriteAllTextAsync(Path.Combine(node.DataFolder, "ibdata1"), "");
    }

    /// <summary>Runs statements as a client of the lab does.</summary>
    public static Task<CommandResult> AskAsync(LabClient client, string statements) =>
        Command.RunAsync(client.Machine.Inside(Client), statements, timeout: _limit);

    private static async Task OwnAsync(MirrorNode node, string folder)
    {
        await Command.MustRunAsync(node.Machine.Inside("chown", $"{User}:{User}", folder));
        await Command.MustRunAsync(node.Machine.Inside("chmod", "700", folder));
    }
}
