namespace SafeKit.Lab.Mirror.Story;

/// <summary>The primary is lost under load, the secondary takes over, the lost node comes back and gets what changed meanwhile.</summary>
public sealed class FailoverScene(MirrorStage stage, string name)
{
    /// <summary>Three seconds until heartbeats count as gone, the start of PostgreSQL with its recovery, and a busy machine.</summary>
    private const double OutageLimitS = 15;

    /// <param name="fault">Does it to the primary and returns the instant just before.</param>
    public async Task PlayAsync(string story, Func<MirrorNode, Task<long>> fault)
    {
        var primary = await stage.Lab.PrimaryAsync(stage.Cancel);
        var heir = stage.Lab.Other(primary);
        stage.Report.Say($"{name}: {story} of {primary.Name}, the primary");
        var at = await fault(primary);
        await stage.Lab.WaitForAsync($"{heir.Name} taking over", picture => picture.Is(heir.Name, "ALONE"), stage.Cancel);
        await stage.Ledger.WaitForServiceAsync(at, rows: 50, stage.Cancel);
        stage.JudgeOutage(name, at, OutageLimitS);
        stage.JudgeLedger($"{name}_taken_over");

        stage.Report.Say($"{name}: {primary.Name} comes back while clients write");
        await MirrorFaults.BringBackAsync(primary);
        await stage.ReturnAsync(name);
        var picture = await stage.Lab.PictureAsync(stage.Cancel);
        stage.Report.Promise($"{name}_returns_as_secondary", picture.Is(heir.Name, "PRIM") && picture.Is(primary.Name, "SECOND"), picture.Describe());
    }
}
