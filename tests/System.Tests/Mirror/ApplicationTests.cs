using SafeKit.Lab.Isolation;
using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests.Mirror;

/// <summary>Other applications on a replicated directory: what they were told is safe is on the other node after a crash.</summary>
public sealed class ApplicationTests
{
    // One process per commit; the number is noted outside the replicated directory once sqlite3 has said that it is committed. EXTRA, for what FULL
    // commits a crash may take back: it removes the rollback journal at the end without a sync of the directory (sqlite.org, PRAGMA synchronous).
    private const string SqliteScript =
        "db=$1/test.db; sqlite3 $db 'CREATE TABLE t(n INTEGER PRIMARY KEY, pad TEXT)' || exit 1; n=0; while :; do n=$((n + 1)); "
        + "sqlite3 $db \"PRAGMA synchronous=EXTRA; INSERT INTO t VALUES($n, hex(randomblob(500)))\" && echo $n >> $2; done";

    private const string GitScript =
        "export HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b; "
        + "git init -q $1/repo && cd $1/repo && git config core.fsync all && git config gc.auto 20 || exit 1; n=0; "
        + "while :; do n=$((n + 1)); mkdir -p d$((n % 7)); head -c 3000 /dev/urandom > d$((n % 7))/f$n; "
        + "git add -A && git commit -q -m $n && git rev-parse HEAD >> $2; done";

    private const int ConfirmedBefore = 25;

    private static readonly TimeSpan _workLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _checkLimit = TimeSpan.FromSeconds(60);

    [MirrorFact]
    public Task Sqlite_keeps_what_it_committed() => WorkAndCrashAsync(SqliteScript, async (heir, folder, confirmed) =>
    {
        var check = await heir.RunAsync(_checkLimit, "sqlite3", $"{folder}/test.db", "PRAGMA integrity_check; SELECT n FROM t");
        var lines = check.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines is ["ok", ..], check.Text);
        Assert.Empty(confirmed.Except(lines.Skip(1)));
    });

    [MirrorFact]
    public Task A_git_repository_keeps_what_it_committed() => WorkAndCrashAsync(GitScript, async (heir, folder, confirmed) =>
    {
        var check = await heir.RunAsync(_checkLimit, "git", "-C", $"{folder}/repo", "-c", $"safe.directory={folder}/repo", "fsck", "--full", "--strict");
        Assert.True(check.Ok, check.Text);
        var log = await heir.RunAsync(_checkLimit, "git", "-C", $"{folder}/repo", "-c", $"safe.directory={folder}/repo", "log", "--format=%H");
        Assert.True(log.Ok, log.Text);
        Assert.Empty(confirmed.Except(log.Output.Split('\n')));
    });

    private static Task WorkAndCrashAsync(string script, Func<MirrorNode, string, IReadOnlyList<string>, Task> check) =>
        MirrorRun.OnAsync(new MirrorOptions { WithPostgres = false }, async (lab, cancel) =>
        {
            var (primary, heir) = (lab.Nodes[0], lab.Nodes[1]);
            var confirmed = Path.Combine(lab.Folder, "confirmed");
            var log = Path.Combine(lab.Folder, "work.log");
            using var work = await Service.StartAsync(primary.Machine, ["sh", "-c", script, "sh", lab.Files.DataPath, confirmed], log);
            await UntilAsync(() => Count(confirmed) >= ConfirmedBefore, log, cancel);

            await primary.CrashAsync();
            var lines = File.ReadAllLines(confirmed);
            await lab.WaitLeadsAsync(heir, cancel);
            await check(heir, lab.Files.DataPath, lines);

            await MirrorFaults.BringBackAsync(primary);
            await lab.WaitPairedAsync(cancel);
            await MirrorRun.AssertIdenticalAsync(lab, cancel);
        });

    private static int Count(string file) => File.Exists(file) ? File.ReadLines(file).Count() : 0;

    private static async Task UntilAsync(Func<bool> condition, string log, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + _workLimit;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"the application does not get on: {await File.ReadAllTextAsync(log, cancel)}");
            await Task.Delay(50, cancel);
        }
    }
}
