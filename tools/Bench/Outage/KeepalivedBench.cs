using SafeKit.Lab;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Outage;

/// <summary>The same crash on the same machines with keepalived (VRRP) and its default timings in our place.</summary>
public static class KeepalivedBench
{
    private const string Program = "keepalived";

    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _probeInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _watchAtLeast = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan _outageLimit = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { WithSafeKit = false });
        foreach (var node in lab.Nodes)
            await StartAsync(node);
        await using var probe = new OutageProbe(lab.Clients[0], LabAddresses.Web4, _probeInterval);
        var outages = new List<double>();
        for (var round = 0; round < settings.Repeats; round++)
        {
            // Whoever has the highest priority takes the address (preemption is keepalived's default).
            var master = lab.Nodes[0];
            await WaitForMasterAsync(probe, master.Name, cancel);
            probe.Watch(master.Name);
            var at = await master.PowerOffAsync();
            var outage = await probe.WaitForEndAsync(at, _watchAtLeast, _outageLimit);
            outages.Add(outage.Seconds);
            report.Say($"keepalived crash {round + 1} of {settings.Repeats}: {outage.Seconds:0.000} s");
            await master.PowerOnAsync();
            await StartAsync(master);
        }

        report.Measure("keepalived_outage_median_s", Samples.Median(outages), "s");
        report.Measure("keepalived_outage_max_s", outages.Max(), "s");
    }

    private static async Task StartAsync(LabNode node)
    {
        await node.StartNginxAsync();
        var folder = node.Paths.Root;
        var configuration = Path.Combine(folder, "keepalived.conf");
        await File.WriteAllTextAsync(configuration, Configuration(node));
        foreach (var stale in Directory.EnumerateFiles(folder, "*.pid"))
            File.Delete(stale);
        // It ends with its machine; nothing here has to hold on to it.
        _ = await Service.StartAsync(
            node.Machine,
            [
                Program, "--vrrp", "--dont-fork", "--log-console", "--use-file", configuration,
                "--pid", Path.Combine(folder, "keepalived.pid"), "--vrrp_pid", Path.Combine(folder, "vrrp.pid"),
            ],
            Path.Combine(folder, "keepalived.log"));
    }

    private static string Configuration(LabNode node) =>
        $$"""
        global_defs {
          router_id {{node.Name}}
        }
        vrrp_instance web {
          state BACKUP
          interface eth0
          virtual_router_id 51
          priority {{110 - 10 * node.Number}}
          virtual_ipaddress {
            {{LabAddresses.Virtual4}}/24
          }
        }

        """;

    private static async Task WaitForMasterAsync(OutageProbe probe, string master, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + _settleLimit;
        while (DateTime.UtcNow < deadline)
        {
            await probe.LearnAsync(_settleLimit);
            if (probe.PortsOf(master).Count == OutageProbe.Ports)
                return;
            await Task.Delay(100, cancel);
        }

        throw new LabException($"keepalived on {master} did not take the address within {_settleLimit.TotalSeconds} s");
    }
}
