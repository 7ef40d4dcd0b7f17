using SafeKit.Core;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Ledger;
using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests.Judges;

/// <summary>The judge of M1: a client that remembers what was confirmed, and the module's scripts by hand, without replication.</summary>
public sealed class LedgerTests
{
    private static readonly TimeSpan _scriptLimit = TimeSpan.FromSeconds(60);

    [MirrorFact]
    public async Task A_lost_commit_is_seen_and_a_crash_of_the_database_loses_none()
    {
        await using var lab = await MirrorLab.CreateAsync(new MirrorOptions());
        var node = lab.Nodes[0];
        await ScriptAsync(lab, node, "start_prim");
        var options = new LedgerOptions { Settings = $"host={node.Address4} port={Postgres.Port} user={Postgres.User} dbname=postgres" };
        using var ledger = CommitLedger.Start(lab.Client, Path.Combine(lab.Folder, "confirmed"), options);
        await ledger.WaitForServiceAsync(MonotonicClock.NowNs, rows: 50);

        var crash = await node.CrashAsync();
        await ScriptAsync(lab, node, "prestart");
        await ScriptAsync(lab, node, "start_prim");
        await ledger.WaitForServiceAsync(MonotonicClock.NowNs);
        ledger.End();

        Assert.InRange(ledger.OutageS(crash), 0.1, 30);
        var whole = ledger.Check();
        Assert.True(whole.Held, whole.Text);
        Assert.Equal(whole.Acknowledged, File.ReadLines(Path.Combine(lab.Folder, "confirmed")).Count());

        ledger.Ask("DELETE FROM ledger WHERE writer = 1 AND number = 3; INSERT INTO ledger (writer, number) VALUES (2, 1000000)");
        var broken = ledger.Check();
        Assert.Equal((1, 1), (broken.LostCount, broken.Unknown));
        Assert.Equal("row 3 of writer 1", Assert.Single(broken.Lost));
        await ScriptAsync(lab, node, "stop_prim");
    }

    private static Task ScriptAsync(MirrorLab lab, MirrorNode node, string script)
    {
        Directory.CreateDirectory(node.Paths.ModuleVar(node.Module));
        var bin = node.Paths.Scripts(node.Module);
        return Command.MustRunAsync(
            node.Machine.Inside(Path.Combine(bin, script), "WAIT", "ALONE", "start"),
            environment: new Dictionary<string, string>
            {
                ["SAFEUSERBIN"] = bin,
                ["SAFEUSERVAR"] = node.Paths.ModuleVar(node.Module),
                ["SAFEKIT_ROOT"] = node.Paths.Root,
                ["PGDATA"] = lab.Files.DataPath,
            },
            timeout: _scriptLimit);
    }
}
