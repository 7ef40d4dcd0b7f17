using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Lab.Ledger;
using SafeKit.Lab.Mirror;
using Xunit.Abstractions;

namespace SafeKit.SystemTests.Mirror;

/// <summary>
/// M1, M2, M3 with a real database: nodes crash at random moments under load; no confirmed commit is lost, and after each return both trees
/// are the same. <c>SAFEKIT_CRASHES</c> sets the number of rounds (make torture), <c>SAFEKIT_SEED</c> repeats the moments, and
/// <c>SAFEKIT_CRASH_LOG</c> names a file that shows the rounds as they end.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int CrashesDefault = 30;
    private const int DelayMsMax = 1500;

    // A third of the default: half of a round is waiting for it.
    private const int HeartTimeoutMs = 1000;

    private static readonly TimeSpan _limitPerCrash = TimeSpan.FromMinutes(1);

    private static int Crashes => int.TryParse(Environment.GetEnvironmentVariable("SAFEKIT_CRASHES"), out var count) ? count : CrashesDefault;

    [MirrorFact]
    public Task Crashes_of_the_primary_lose_no_confirmed_commit() =>
        TortureAsync(Crashes, async (lab, cancel) => await lab.PrimaryAsync(cancel));

    [MirrorFact]
    public Task Crashes_of_the_secondary_lose_no_confirmed_commit() =>
        TortureAsync(Crashes, async (lab, cancel) => lab.Other(await lab.PrimaryAsync(cancel)));

    private async Task TortureAsync(int crashes, Func<MirrorLab, CancellationToken, Task<MirrorNode>> victim)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SAFEKIT_SEED"), out var given) ? given : Random.Shared.Next(1_000_000);
        Tell($"SAFEKIT_SEED={seed}, {crashes} crashes");
        var random = new Random(seed);
        await MirrorRun.OnAsync(
            new MirrorOptions { HeartTimeoutMs = HeartTimeoutMs },
            async (lab, cancel) =>
            {
                await PgBenchLoad.MakeTablesAsync(lab.Client, scale: 1);
                using var ledger = CommitLedger.Start(lab.Client, Path.Combine(lab.Folder, "confirmed"));
                await using var bench = await PgBenchLoad.StartAsync(lab.Client, Path.Combine(lab.Folder, "pgbench.log"));
                for (var round = 1; round <= crashes; round++)
                    await CrashAsync(lab, ledger, await victim(lab, cancel), random, round, cancel);
                ledger.End();
                Assert.True(ledger.Check().Held, ledger.Check().Text);
                await MirrorRun.AssertIdenticalAsync(lab, cancel);
            },
            _limitPerCrash * (crashes + 1));
    }

    // What a test says is shown when it ends; hours of torture are followed in a file.
    private void Tell(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("SAFEKIT_CRASH_LOG") is { Length: > 0 } log)
            File.AppendAllText(log, $"{line}\n");
    }

    private async Task CrashAsync(MirrorLab lab, CommitLedger ledger, MirrorNode node, Random random, int round, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        // At an instant of no meaning: the pause is what is tried, not what is waited for.
        await Task.Delay(random.Next(DelayMsMax), cancel);
        var powerOff = random.Next(2) == 0;
        var at = powerOff ? await node.PowerOffAsync() : await node.CrashAsync();
        var other = lab.Other(node);
        await lab.WaitForAsync($"round {round}: {other.Name} going on alone", picture => picture.Is(other.Name, "ALONE"), cancel);
        await ledger.WaitForServiceAsync(MonotonicClock.NowNs, cancel: cancel);
        var outage = ledger.OutageS(at);
        var report = ledger.Check();
        Assert.True(report.Held, $"round {round}: {report.Text}");
        await MirrorFaults.RepairAsync(node);
        await lab.WaitPairedAsync(cancel);
        var paired = watch.Elapsed;
        var trees = await lab.CompareStandingStillAsync(cancel);
        Assert.True(trees.Identical && trees.Entries > 1, $"round {round}: {trees.Text}");
        Tell(
            $"round {round}: {(powerOff ? "power off" : "kill")} of {node.Name}, {outage:0.000} s without a commit, "
            + $"together again after {paired.TotalSeconds:0.0} s, {report.Text}, {trees.Text}");
    }
}
