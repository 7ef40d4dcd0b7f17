using SafeKit.Lab.Story;

namespace SafeKit.Lab.Mirror.Story;

/// <summary>Nobody knows yet whose data is good: both nodes wait and say what to type; then the administrator types it.</summary>
public static class FirstStartScene
{
    public static async Task PlayAsync(MirrorLab lab, TourReport report, CancellationToken cancel)
    {
        report.Say("first_start: safekit start on both nodes, whose data was never declared good");
        await lab.StartDaemonsAsync();
        await lab.WaitForAsync("both daemons answering", picture => picture.Modules.Values.All(module => module is not null), cancel);
        foreach (var node in lab.Nodes)
            await node.MustCliAsync("start", "-m", lab.Files.Module);
        await lab.WaitForAsync(
            "both nodes waiting for an order", picture => picture.Is("node1", "WAIT", "NotReady") && picture.Is("node2", "WAIT", "NotReady"), cancel);
        var asked = await lab.PictureAsync(cancel);
        report.Promise(
            "first_start_both_wait_and_say_what_to_type",
            asked.Modules.Values.All(module => module?.Mirror?.Remedy.Contains("safekit prim", StringComparison.Ordinal) is true),
            asked.Describe());

        report.Say("first_start: safekit prim on node1, safekit second on node2");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await lab.FirstStartAsync(cancel);
        report.Measure("first_start_s", watch.Elapsed.TotalSeconds, "s");
        var paired = await lab.PictureAsync(cancel);
        report.Promise("first_start_prim_and_second", paired.Is("node1", "PRIM") && paired.Is("node2", "SECOND"), paired.Describe());
    }
}
