using SafeKit.Simulation;

namespace SafeKit.Bench.Convergence;

/// <summary>
/// What the change of a view costs in the largest farm, 128 nodes and 64 groups of 4096 buckets: time and bytes in the simulator,
/// processor time of the real code. Goals: 50 ms from the decision to the last filter, 64 KiB of tables to each member.
/// </summary>
public static class ViewChangeBenchmark
{
    private const int Nodes = 128;
    private const int Groups = 64;

    public static Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        report.Say($"a simulated farm of {Nodes} nodes and {Groups} groups, whose tables all differ from the group before: takes minutes and gigabytes");
        double switchMs = 0;
        double tableKib = 0;
        foreach (var change in ViewChangeReport.MeasureAll(Nodes, Groups))
        {
            cancel.ThrowIfCancellationRequested();
            switchMs = Math.Max(switchMs, change.SwitchMs);
            tableKib = Math.Max(tableKib, change.TableKib);
            report.Measure($"view_{change.Change}_{Nodes}_nodes_ms", change.SwitchMs, "ms");
            report.Measure($"view_{change.Change}_table_transfer_kib", change.TableKib, "KiB");
            if (change.NewcomerTableKib > 0)
                report.Measure($"view_{change.Change}_newcomer_table_kib", change.NewcomerTableKib, "KiB");
            report.Measure($"view_{change.Change}_leader_processor_ms", change.LeaderMs, "ms");
            report.Measure($"view_{change.Change}_member_processor_ms", change.MemberMs, "ms");
        }

        report.Measure($"view_change_{Nodes}_nodes_ms", switchMs, "ms");
        report.Measure("table_transfer_kib", tableKib, "KiB");
        return Task.CompletedTask;
    }
}
