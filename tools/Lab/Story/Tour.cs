using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Story;

/// <summary>The whole story without a terminal: every fault in turn under load, with the wire as the judge.</summary>
public static class Tour
{
    private static readonly TimeSpan _probeInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>Plays it and returns the exit code: 0 only if every promise was held.</summary>
    public static async Task<int> RunAsync(LabOptions options, string? pcapPath, TextWriter output, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var report = new TourReport(output);
        var leftovers = new Leftovers();
        try
        {
            await using var lab = await ClusterLab.CreateAsync(options);
            leftovers.Remember(lab);
            await PlayAsync(lab, report, pcapPath, cancel);
        }
        catch (Exception e) when (e is LabException or SafeKitException)
        {
            report.Promise("story_told_to_its_end", held: false, e.Message);
        }

        var left = leftovers.Find();
        report.Promise("nothing_left_behind", left.Count == 0, left.Count == 0 ? "no namespace, process, mount or file" : string.Join("; ", left));
        report.Measure("tour_s", watch.Elapsed.TotalSeconds, "s");
        report.Measure("promises_held", report.Held, "promises");
        report.Measure("promises_broken", report.Broken.Count, "promises");
        return report.AllHeld ? 0 : 1;
    }

    private static async Task PlayAsync(ClusterLab lab, TourReport report, string? pcapPath, CancellationToken cancel)
    {
        using var wire = new WireCapture(lab.Switch, pcapPath);
        report.Say($"start: {lab.Nodes.Count} nodes, {lab.Clients.Count} clients");
        await lab.StartDaemonsAsync();
        report.Measure("start_s", (await lab.WaitWholeAsync(TourStage.SettleLimit, cancel: cancel)).TotalSeconds, "s");
        await using var load = new LoadGroup(lab.Clients, new LoadOptions { RequestsPerSecond = 100 });
        await using var probe = new OutageProbe(lab.Clients[0], LabAddresses.Web4, _probeInterval);
        var stage = new TourStage(lab, load, probe, wire, report, cancel);
        await stage.SettleAsync();
        await PlayScenesAsync(stage);
        JudgeWhole(report, wire.Report());
    }

    private static async Task PlayScenesAsync(TourStage stage)
    {
        var (first, second, third) = (stage.Lab.Nodes[0], stage.Lab.Nodes[1], stage.Lab.Nodes[^1]);
        await SpreadScene.PlayAsync(stage);
        await new FaultScene(stage, "kill", second).PlayAsync(
            $"kill -9 of safekitd on {second.Name}, whose nginx goes on", second.KillDaemonAsync, canStillAnswer: true);
        await new FaultScene(stage, "freeze", third).PlayAsync(
            $"SIGSTOP of safekitd on {third.Name}", () => Task.FromResult(third.SuspendDaemon()), canStillAnswer: true);
        await new FaultScene(stage, "crash", first).PlayAsync(
            $"power off {first.Name}, the leader", first.PowerOffAsync, canStillAnswer: false);
        await new FaultScene(stage, "cable", second).PlayAsync(
            $"cut the cable of {second.Name}", second.CutCableAsync, canStillAnswer: false);
        await ApplicationScene.PlayAsync(stage, third);
        await LeaveScene.PlayAsync(stage, second);
    }

    private static void JudgeWhole(TourReport report, WireReport wire)
    {
        report.Measure("frames_seen", wire.Frames, "frames");
        report.Measure("stale_answers", wire.StaleAnswers, "frames");
        report.Promise(
            "virtual_mac_never_a_source", wire is { VirtualMacAsSource: 0, Lost: 0 }, $"{wire.VirtualMacAsSource} of {wire.Frames} frames");
        report.Promise(
            "only_the_virtual_mac_is_told", wire is { WrongMacTold: 0, VirtualMacTold: > 0 },
            $"{wire.VirtualMacTold} answers with the virtual MAC, {wire.WrongMacTold} with another");
    }
}
