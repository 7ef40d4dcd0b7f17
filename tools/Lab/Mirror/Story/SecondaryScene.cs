using SafeKit.Core;

namespace SafeKit.Lab.Mirror.Story;

/// <summary>The secondary, or only the way to it, is lost under load: the primary goes on alone, then both hold the same again.</summary>
public sealed class SecondaryScene(MirrorStage stage, string name)
{
    private const double OutageLimitS = 10;

    /// <param name="fault">Does it to the secondary.</param>
    /// <param name="repair">Undoes it.</param>
    public async Task PlayAsync(string story, Func<MirrorNode, Task> fault, Func<MirrorNode, Task> repair)
    {
        var primary = await stage.Lab.PrimaryAsync(stage.Cancel);
        var secondary = stage.Lab.Other(primary);
        stage.Report.Say($"{name}: {story} of {secondary.Name}, the secondary");
        var at = MonotonicClock.NowNs;
        await fault(secondary);
        await stage.Lab.WaitForAsync($"{primary.Name} going on alone", picture => picture.Is(primary.Name, "ALONE"), stage.Cancel);
        await stage.Ledger.WaitForServiceAsync(MonotonicClock.NowNs, rows: 50, stage.Cancel);
        stage.JudgeOutage(name, at, OutageLimitS);

        await repair(secondary);
        await stage.ReturnAsync(name);
        var picture = await stage.Lab.PictureAsync(stage.Cancel);
        stage.Report.Promise($"{name}_primary_stays", picture.Is(primary.Name, "PRIM"), picture.Describe());
        stage.JudgeLedger(name);
    }
}
