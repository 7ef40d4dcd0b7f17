using System.Globalization;
using SafeKit.Filter;
using SafeKit.Lab;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Outage;

/// <summary>
/// A SYN flood of random sources against a farm of three nodes with nginx, and what a steady client of new connections sees of it. Generator,
/// switch and nodes share this machine's processors, so the same generator also floods a machine that is no node: what the client sees then
/// is not the farm's doing.
/// </summary>
public static class FloodBench
{
    private const int RequestsPerSecond = 200;
    private const double ThrottledShare = 0.25;
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _counterAge = TimeSpan.FromMilliseconds(300);

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await RunKernelAloneAsync(settings, report, cancel);
        await using var lab = await CreateAsync("", cancel);
        await using var load = StartLoad(lab);

        // The first seconds belong to compilation.
        await Task.Delay(settings.FloodTime / 4, cancel);
        var farm = MacAddress.Parse(LabAddresses.VirtualMac);
        var sink = MacAddress.Parse(LabAddresses.ClientMac(3));
        var before = await QuietAsync("before", lab, load, settings, report, cancel);
        await FloodAsync("elsewhere_", 1, sink, before, lab, load, settings, report, cancel);
        await FloodAsync("quarter_", ThrottledShare, farm, before, lab, load, settings, report, cancel);
        await FloodAsync("", 1, farm, before, lab, load, settings, report, cancel);
        await QuietAsync("after", lab, load, settings, report, cancel);
    }

    /// <summary>The same without the filter's answers, for comparison.</summary>
    private static async Task RunKernelAloneAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        await using var lab = await CreateAsync("syncookies=\"off\"", cancel);
        await using var load = StartLoad(lab);
        await Task.Delay(settings.FloodTime / 4, cancel);
        var before = await QuietAsync("kernel_before", lab, load, settings, report, cancel);
        await FloodAsync("kernel_", 1, MacAddress.Parse(LabAddresses.VirtualMac), before, lab, load, settings, report, cancel);
    }

    private static async Task<ClusterLab> CreateAsync(string vipAttributes, CancellationToken cancel)
    {
        var lab = await ClusterLab.CreateAsync(new LabOptions
        {
            Clients = 3,
            VipAttributes = vipAttributes,
            ChangeNetwork = (labSwitch, machine) => labSwitch.UseRingsAsync(machine, "eth0"),
        });
        foreach (var node in lab.Nodes)
            await SynFlood.RouteAnswersAsync(node, lab.Clients[0]);
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        return lab;
    }

    private static LoadGroup StartLoad(ClusterLab lab) =>
        new([lab.Clients[1]], new LoadOptions { RequestsPerSecond = RequestsPerSecond, EveryNthIPv6 = 0 });

    /// <summary>What the client sees without a flood.</summary>
    private static async Task<LoadSnapshot> QuietAsync(
        string name, ClusterLab lab, LoadGroup load, BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        var seen = await load.DuringAsync(() => Task.Delay(settings.FloodTime, cancel));
        report.Measure($"syn_flood_{name}_p50_ms", seen.PercentileMs(0.5), "ms");
        report.Measure($"syn_flood_{name}_p99_ms", seen.PercentileMs(0.99), "ms");
        report.Say($"{name}: {seen.Answers} answers, errors: {seen.ErrorText}; {lab.Nodes.Count} nodes");
        return seen;
    }

    private static async Task FloodAsync(
        string name, double share, MacAddress destination, LoadSnapshot before, ClusterLab lab, LoadGroup load, BenchSettings settings,
        BenchReport report, CancellationToken cancel)
    {
        var countersBefore = await KernelCookiesAsync(lab);
        var filterBefore = await FilterCookiesAsync(lab, cancel);
        var seconds = settings.FloodTime.TotalSeconds;
        LoadSnapshot seen;
        long sent;
        using (var flood = new SynFlood(lab.Clients[0], share, destination))
        {
            seen = await load.DuringAsync(() => Task.Delay(settings.FloodTime, cancel));
            sent = flood.Sent;
        }

        var byKernel = await KernelCookiesAsync(lab) - countersBefore;
        var byFilter = await FilterCookiesAsync(lab, cancel) - filterBefore;
        report.Measure($"syn_flood_{name}syns_per_s", sent / seconds, "1/s");
        report.Measure($"syn_flood_{name}cookies_per_s", (byKernel + byFilter) / seconds, "1/s");
        report.Measure($"syn_flood_{name}filter_cookies_per_s", byFilter / seconds, "1/s");
        report.Measure($"syn_flood_{name}p50_ms", seen.PercentileMs(0.5), "ms");
        report.Measure($"syn_flood_{name}p99_ms", seen.PercentileMs(0.99), "ms");
        report.Measure($"syn_flood_{name}failed_requests", seen.Failures, "requests");
        report.Measure($"syn_flood_{name}p99_ratio", seen.PercentileMs(0.99) / before.PercentileMs(0.99), "ratio");
        report.Say($"{seen.Answers} answers, errors: {seen.ErrorText}; {(await lab.PictureAsync(cancel)).Describe()}");

        // A request that the flood delayed must not count for what comes next.
        await Task.Delay(new LoadOptions().Timeout, cancel);
    }

    /// <summary>SYN cookies that the nodes' filters have sent.</summary>
    private static async Task<long> FilterCookiesAsync(ClusterLab lab, CancellationToken cancel)
    {
        // What the daemon says of its filter is a little old.
        await Task.Delay(_counterAge, cancel);
        var states = await Task.WhenAll(lab.Nodes.Select(node => node.StateAsync(cancel)));
        return states.Sum(state => (long)state!.Filter.Counters[FilterReason.CookieSent.Name()]);
    }

    /// <summary>SYN cookies that the nodes' kernels have sent themselves.</summary>
    private static async Task<long> KernelCookiesAsync(ClusterLab lab)
    {
        var sum = 0L;
        foreach (var node in lab.Nodes)
        {
            var lines = (await Lab.Isolation.Command.MustRunAsync(node.Machine.OnNetwork("cat", "/proc/self/net/netstat"))).Split('\n');
            var names = lines[0].Split(' ');
            sum += long.Parse(lines[1].Split(' ')[Array.IndexOf(names, "SyncookiesSent")], CultureInfo.InvariantCulture);
        }

        return sum;
    }
}
