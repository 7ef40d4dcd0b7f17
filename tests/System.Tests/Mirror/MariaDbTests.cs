using SafeKit.Lab.Isolation;
using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests.Mirror;

/// <summary>MariaDB as the module is shipped: crashes of its node under load lose no confirmed transaction, and leave sound tables and the same trees.</summary>
public sealed class MariaDbTests
{
    private const int Writers = 3;
    private const int ConfirmedBefore = 150;

    // Each transaction writes two tables; its number is said once it is committed, and goes into a file outside of the nodes. No answer, no line.
    private const string Work =
        "trap 'trap - TERM; kill 0' TERM; out=$1 writer=$2; shift 2; n=0; while :; do n=$((n + 1)); "
        + "echo \"START TRANSACTION; INSERT INTO ledger VALUES ($writer, $n, REPEAT('x', $((n * 37 % 400)))); "
        + "UPDATE total SET rows_written = rows_written + 1 WHERE writer = $writer; COMMIT; SELECT $writer, $n;\"; done | \"$@\" >> $out & wait";

    private const string Tables =
        "CREATE TABLE ledger (writer INT, number BIGINT, padding TEXT, PRIMARY KEY (writer, number)) ENGINE=InnoDB;"
        + "CREATE TABLE total (writer INT PRIMARY KEY, rows_written BIGINT) ENGINE=InnoDB;"
        + "INSERT INTO total VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0);";

    private static readonly TimeSpan _workLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _checkLimit = TimeSpan.FromSeconds(90);

    [MirrorFact("mariadb")]
    public Task Crashes_lose_no_confirmed_transaction() => MirrorRun.OnAsync(new MirrorOptions { WithMariaDb = true }, async (lab, cancel) =>
    {
        await MustAskAsync(lab, Tables);
        var confirmed = Path.Combine(lab.Folder, "confirmed");
        foreach (var powerOff in new[] { false, true })
        {
            var primary = await lab.PrimaryAsync(cancel);
            var before = Lines(confirmed).Length;
            var writers = new List<Service>();
            for (var writer = 0; writer < Writers; writer++)
                writers.Add(await StartWriterAsync(lab, confirmed, writer + (powerOff ? Writers : 0)));
            await UntilAsync(() => Lines(confirmed).Length >= before + ConfirmedBefore, lab, cancel);

            _ = powerOff ? await primary.PowerOffAsync() : await primary.CrashAsync();
            foreach (var writer in writers)
            {
                await writer.TerminateAsync();
                writer.Dispose();
            }

            await lab.WaitLeadsAsync(lab.Other(primary), cancel);
            await CheckAsync(lab, Lines(confirmed));

            await MirrorFaults.RepairAsync(primary);
            await lab.WaitPairedAsync(cancel);
            var trees = await lab.CompareStandingStillAsync(cancel);
            Assert.True(trees.Identical && trees.Entries > 1, trees.Text);
        }

        await MirrorRun.AssertIdenticalAsync(lab, cancel);
    });

    private static async Task CheckAsync(MirrorLab lab, string[] confirmed)
    {
        var present = (await MustAskAsync(lab, "SELECT writer, number FROM ledger")).Split('\n');
        Assert.Empty(confirmed.Except(present));
        var torn = await MustAskAsync(
            lab, "SELECT * FROM total WHERE rows_written <> (SELECT COUNT(*) FROM ledger WHERE ledger.writer = total.writer)");
        Assert.Equal("", torn);
        var tables = await MustAskAsync(lab, "CHECK TABLE ledger, total EXTENDED");
        Assert.Equal(2, tables.Split('\n').Count(line => line.EndsWith("\tstatus\tOK", StringComparison.Ordinal)));
        string[] program = ["mariadb-check", .. MariaDb.Client.Skip(1).TakeWhile(word => word != "--connect-timeout=2"), "--all-databases", "--extended"];
        var all = await Command.RunAsync(lab.Client.Machine.Inside(program), timeout: _checkLimit);
        Assert.True(all.Ok && !all.Text.Contains("error", StringComparison.OrdinalIgnoreCase), all.Text);
    }

    private static Task<Service> StartWriterAsync(MirrorLab lab, string confirmed, int writer) => Service.StartAsync(
        lab.Client.Machine, ["sh", "-c", Work, "sh", confirmed, $"{writer}", .. MariaDb.Client], Path.Combine(lab.Folder, "writers.log"));

    private static async Task<string> MustAskAsync(MirrorLab lab, string statements)
    {
        var answer = await MariaDb.AskAsync(lab.Client, statements);
        Assert.True(answer.Ok, answer.Text);
        return answer.Output.TrimEnd();
    }

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];

    private static async Task UntilAsync(Func<bool> condition, MirrorLab lab, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + _workLimit;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"the writers do not get on: {File.ReadAllText(Path.Combine(lab.Folder, "writers.log"))}");
            await Task.Delay(50, cancel);
        }
    }
}
