using SafeKit.Core;

namespace SafeKit.Lab.Mirror.Story;

/// <summary>Both nodes lose power. The secondary, back first, must not lead: the primary may have gone on without it.</summary>
public static class BothOffScene
{
    private static readonly TimeSpan _watchWaiting = TimeSpan.FromSeconds(6);

    public static async Task PlayAsync(MirrorStage stage)
    {
        var lab = stage.Lab;
        var primary = await lab.PrimaryAsync(stage.Cancel);
        var secondary = lab.Other(primary);
        stage.Report.Say($"both_off: both nodes lose power; {secondary.Name}, which was secondary, is back first");
        await Task.WhenAll(primary.PowerOffAsync(), secondary.PowerOffAsync());
        await MirrorFaults.BringBackAsync(secondary);
        await lab.WaitForAsync($"{secondary.Name} waiting", picture => picture.Is(secondary.Name, "WAIT", "NotReady"), stage.Cancel);
        stage.Report.Promise("both_off_secondary_alone_waits", await StaysWaitingAsync(stage, secondary), (await lab.PictureAsync()).Describe());

        stage.Report.Say($"both_off: {primary.Name}, which was primary, is back");
        var at = MonotonicClock.NowNs;
        await MirrorFaults.BringBackAsync(primary);
        await stage.ReturnAsync("both_off");
        var picture = await lab.PictureAsync(stage.Cancel);
        stage.Report.Promise("both_off_previous_roles", picture.Is(primary.Name, "PRIM") && picture.Is(secondary.Name, "SECOND"), picture.Describe());
        await stage.Ledger.WaitForServiceAsync(at, cancel: stage.Cancel);
        stage.JudgeLedger("both_off");
    }

    private static async Task<bool> StaysWaitingAsync(MirrorStage stage, MirrorNode node)
    {
        var end = MonotonicClock.NowNs + _watchWaiting.Ticks * 100;
        while (MonotonicClock.NowNs < end)
        {
            if (!(await stage.Lab.PictureAsync(stage.Cancel)).Is(node.Name, "WAIT", "NotReady"))
                return false;
            await Task.Delay(100, stage.Cancel);
        }

        return true;
    }
}
