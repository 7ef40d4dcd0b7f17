using SafeKit.Lab.Ledger;

namespace SafeKit.Lab.Mirror.Story;

/// <summary>
/// The end: every confirmed commit is there, the database is sound, both trees are the same, by the product's word and by our own eyes.
/// </summary>
public static class LastScene
{
    private static readonly TimeSpan _verifyLimit = TimeSpan.FromSeconds(120);

    public static async Task PlayAsync(MirrorStage stage)
    {
        var lab = stage.Lab;
        stage.Report.Say("end: the ledger against the database, safekit rfsverify, then both nodes stop and their data is compared byte by byte");
        stage.Ledger.End();
        stage.JudgeLedger("end");
        await JudgeDatabaseAsync(stage);

        var secondary = lab.Other(await lab.PrimaryAsync(stage.Cancel));
        var verified = await secondary.CliAsync("rfsverify", "-m", lab.Files.Module);
        stage.Report.Promise("end_rfsverify_says_identical", verified.Ok, verified.Text.ReplaceLineEndings("; "));

        await lab.StopBothAsync(stage.Cancel);
        var trees = lab.CompareTrees();
        stage.Report.Measure("end_names_compared", trees.Entries, "names");
        stage.Report.Measure("end_bytes_compared", trees.Bytes, "bytes");
        stage.Report.Promise("end_trees_identical", trees.Identical, trees.Text);
    }

    // Every index against its table, every page against its checksum.
    private static async Task JudgeDatabaseAsync(MirrorStage stage)
    {
        var checkedAll = await Isolation.Command.RunAsync(stage.Lab.Client.Machine.Inside(PgBenchLoad.CheckCommand), timeout: _verifyLimit);
        stage.Report.Promise("end_database_is_sound", checkedAll.Ok, checkedAll.Ok ? "pg_amcheck found nothing" : checkedAll.Text);
    }
}
