using SafeKit.Core;
using SafeKit.Lab.Ledger;
using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests.Mirror;

/// <summary>M4: a primary whose daemon stood still while the other took over does not lead again when it wakes up, and nothing confirmed is lost.</summary>
public sealed class FreezeTests
{
    private static readonly TimeSpan _asleep = TimeSpan.FromSeconds(3);

    [MirrorFact]
    public Task A_primary_that_was_frozen_wakes_up_as_a_secondary() => MirrorRun.OnAsync(new MirrorOptions(), async (lab, cancel) =>
    {
        using var ledger = CommitLedger.Start(lab.Client, Path.Combine(lab.Folder, "confirmed"));
        await ledger.WaitForServiceAsync(MonotonicClock.NowNs, cancel: cancel);
        var (primary, heir) = (lab.Nodes[0], lab.Nodes[1]);

        primary.SuspendDaemon();
        await lab.WaitForAsync($"{heir.Name} taking over", picture => picture.Is(heir.Name, "ALONE"), cancel);
        await ledger.WaitForServiceAsync(MonotonicClock.NowNs, cancel: cancel);
        await Task.Delay(_asleep, cancel);
        primary.ResumeDaemon();

        await lab.WaitForAsync(
            "the former primary following", picture => picture.Is(heir.Name, "PRIM") && picture.Is(primary.Name, "SECOND"), cancel);
        await ledger.WaitForServiceAsync(MonotonicClock.NowNs, cancel: cancel);
        ledger.End();
        var report = ledger.Check();
        Assert.True(report.Held, report.Text);
        await MirrorRun.AssertIdenticalAsync(lab, cancel);
    });
}
