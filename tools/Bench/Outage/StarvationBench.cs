using SafeKit.Lab;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Story;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Outage;

/// <summary>F4: a farm at default settings while every processor is taken at real-time priority. No node dies: every view is false.</summary>
public static class StarvationBench
{
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions());
        using var wire = new WireCapture(lab.Switch);
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        var seen = await new StarvationScene(lab, wire).RunAsync(settings.StarvationTime, Starvation.BelowLease, cancel);
        report.Say(seen.Text);
        report.Measure("starvation", seen.Time.TotalSeconds, "s");
        report.Measure("starvation_processors_taken", seen.Taken, "part");
        report.Measure("false_failovers", seen.Views, "views");
        report.Measure("starvation_late_loops", seen.Late, "times");
        report.Measure("starvation_packets_asked", seen.Wire.Asked, "packets");
        report.Measure("starvation_answered_twice", seen.Wire.AnsweredTwice + seen.Wire.DoubleAnswers, "packets");
        report.Measure("starvation_frames_missed", seen.Wire.Lost, "frames");
    }
}
