using System.Diagnostics;
using System.Globalization;
using SafeKit.Bench.Outage;
using SafeKit.Core;
using SafeKit.Lab;
using SafeKit.Lab.Crowd;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Crowd;

/// <summary>
/// A million established connections on a farm of three nodes: what they take of the servers' memory, what it costs to find one of them, and
/// whether all still answer when a node is drained and comes back.
/// </summary>
public static class MillionBench
{
    private const int Few = 1_000;
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan _watchTime = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { Clients = 1, ChangeFiles = LeaveOutWebServer });
        foreach (var node in lab.Nodes)
            await PrepareAsync(node, lab.Clients[0]);
        var count = settings.CrowdConnections;
        var threads = CrowdServer.ThreadsFor(count / lab.Nodes.Count, DescriptorsMax());
        var servers = lab.Nodes.Select(node => new CrowdServer(node, threads)).ToList();
        try
        {
            using var crowd = new ConnectionCrowd(lab.Clients[0], count);
            await lab.StartDaemonsAsync();
            await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
            await MeasureAsync(new CrowdScene(lab, servers, crowd), count, report, cancel);
        }
        finally
        {
            foreach (var server in servers)
                server.Dispose();
        }
    }

    private static async Task MeasureAsync(CrowdScene scene, int count, BenchReport report, CancellationToken cancel)
    {
        scene.Open(Few);
        await scene.DrainAsync(cancel);
        var few = scene.MeasureLookup();
        await scene.UndrainAsync(cancel);

        var before = KernelMemory.Read();
        var watch = Stopwatch.StartNew();
        var open = scene.Open(count);
        report.Measure("crowd_connections", open, "connections");
        report.Measure("crowd_open_s", watch.Elapsed.TotalSeconds, "s");
        var after = KernelMemory.Read();
        report.Measure("crowd_slab_per_connection", (after.SlabBytes - before.SlabBytes) / (double)(open - Few), "bytes");
        report.Measure("crowd_memory_per_connection", (after.UsedBytes - before.UsedBytes) / (double)(open - Few), "bytes");

        watch.Restart();
        var first = scene.AskAll();
        report.Measure("crowd_ask_s", watch.Elapsed.TotalSeconds, "s");
        report.Say($"{scene.Spread}; {first.Count(node => node == 0)} without an answer");
        report.Measure("crowd_daemon_idle_cpu_percent", await scene.DaemonCpuAsync(_watchTime, cancel), "%");

        report.Measure("crowd_drain_s", (await scene.DrainAsync(cancel)).TotalSeconds, "s");
        var drained = scene.AskAll();
        report.Measure("crowd_daemon_drained_cpu_percent", await scene.DaemonCpuAsync(_watchTime, cancel), "%");
        report.Measure("crowd_daemon_rss_mb", scene.DaemonMb, "MB");
        ReportLookup(report, few, scene.MeasureLookup());
        report.Measure("crowd_undrain_s", (await scene.UndrainAsync(cancel)).TotalSeconds, "s");
        var last = scene.AskAll();
        report.Say($"{scene.Spread}");
        report.Measure("crowd_answering_when_drained", drained.Count(node => node != 0), "connections");
        report.Measure("crowd_answering_at_the_end", last.Count(node => node != 0), "connections");
        report.Measure("crowd_open_on_the_servers", scene.OpenOnServers, "connections");
        report.Measure(
            string.Create(CultureInfo.InvariantCulture, $"connections_broken_of_{count}"), Broken(first, drained, last), "connections");
    }

    /// <summary>Connections that were not answered each time by the node that has them.</summary>
    private static int Broken(byte[] first, byte[] drained, byte[] last) =>
        Enumerable.Range(0, first.Length).Count(i => first[i] == 0 || drained[i] != first[i] || last[i] != first[i]);

    private static void ReportLookup(BenchReport report, (double InTurnNs, double SameNs) few, (double InTurnNs, double SameNs) many)
    {
        report.Measure("crowd_lookup_of_1000_ns", few.InTurnNs, "ns");
        report.Measure("crowd_lookup_ns", many.InTurnNs, "ns");
        report.Measure("crowd_lookup_same_of_1000_ns", few.SameNs, "ns");
        report.Measure("crowd_lookup_same_ns", many.SameNs, "ns");
    }

    /// <summary>Limits of the node's own network; they go with it.</summary>
    private static async Task PrepareAsync(LabNode node, LabClient client)
    {
        await Command.MustRunAsync(node.Machine.OnNetwork(
            "sysctl", "-q", "-w", "net.core.somaxconn=65535", "net.ipv4.tcp_max_syn_backlog=65535"));
        await ConnectionCrowd.RouteAnswersAsync(node, client);
    }

    private static void LeaveOutWebServer(NodePaths paths)
    {
        foreach (var script in new[] { "start_both", "stop_both" })
            File.WriteAllText(Path.Combine(paths.Scripts(ClusterFiles.Module), script), "#!/bin/sh\nexit 0\n");
    }

    private static int DescriptorsMax()
    {
        var line = File.ReadLines("/proc/self/limits").First(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
    }
}
