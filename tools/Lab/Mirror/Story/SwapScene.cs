using SafeKit.Core;

namespace SafeKit.Lab.Mirror.Story;

/// <summary>The administrator exchanges the roles.</summary>
public static class SwapScene
{
    private const double OutageLimitS = 10;

    public static async Task PlayAsync(MirrorStage stage)
    {
        var primary = await stage.Lab.PrimaryAsync(stage.Cancel);
        var heir = stage.Lab.Other(primary);
        stage.Report.Say($"swap: safekit swap on {primary.Name}, the primary");
        var at = MonotonicClock.NowNs;
        await primary.MustCliAsync("swap", "-m", stage.Lab.Files.Module);
        var took = await stage.Lab.WaitForAsync(
            "exchanged roles", picture => picture.Is(heir.Name, "PRIM") && picture.Is(primary.Name, "SECOND"), stage.Cancel);
        stage.Report.Measure("swap_s", took.TotalSeconds, "s");
        await stage.Ledger.WaitForServiceAsync(MonotonicClock.NowNs, cancel: stage.Cancel);
        stage.JudgeOutage("swap", at, OutageLimitS);
        stage.JudgeLedger("swap");
    }
}
