using SafeKit.Lab;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Outage;

/// <summary>
/// 1,000 long connections with continuous checked traffic through random leaves, returns, drains and crashes: how many break whose node
/// stayed, and how soon those of a crashed node hear of it.
/// </summary>
public static class ConnectionBench
{
    private const int Connections = 1000;
    private const int Events = 50;
    private const int EventsQuick = 20;
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _askInterval = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions());
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        await using var connections = await LongConnections.OpenAsync(lab.Clients[0], LabAddresses.Web4, Connections, _askInterval);
        var storm = await new ConnectionStorm(lab, connections, seed: 1).RunAsync(settings.Quick ? EventsQuick : Events, report.Say, cancel);
        foreach (var broken in storm.Broken)
            report.Say(broken);
        report.Measure("connection_events", storm.Events, "events");
        report.Measure("connections_broken_of_1000", storm.Broken.Count, "connections");
        report.Measure("crash_connections_reset", storm.CrashResetsS.Count, "connections");
        report.Measure("crash_connections_hung", storm.CrashHung.Count, "connections");
        report.Measure("crash_reset_median_s", Samples.Median([.. storm.CrashResetsS.DefaultIfEmpty()]), "s");
        report.Measure("crash_reset_max_s", storm.CrashResetsS.DefaultIfEmpty().Max(), "s");
    }
}
