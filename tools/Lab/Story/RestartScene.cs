using SafeKit.Core;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Story;

/// <summary>
/// F5: daemons are replaced one after the other under load, killed or told to hand over in turn, and nobody notices. The lab plays the
/// service manager: it starts the next daemon as soon as the last one has ended.
/// </summary>
public sealed class RestartScene(ClusterLab lab, int connectionsOfClient, int requestsPerSecond)
{
    private static readonly TimeSpan _backLimit = TimeSpan.FromSeconds(30);

    /// <summary>Connections that were left elsewhere are counted, reported and forgotten by then.</summary>
    private static readonly long _quietNs = MonotonicClock.FromMs(8_000);

    /// <summary>Between two restarts: every contact, lease and fence is as before by then.</summary>
    private static readonly TimeSpan _calm = TimeSpan.FromMilliseconds(400);

    /// <param name="restarted">Told after each restart how many there were.</param>
    public async Task<RestartReport> RunAsync(int restarts, Action<int>? restarted = null, CancellationToken cancel = default)
    {
        var loads = new List<KeepAliveLoad>();
        var away = new List<double>();
        var changed = new List<string>();
        LoadSnapshot before;
        long sentAgain;
        try
        {
            foreach (var client in lab.Clients)
                loads.Add(await KeepAliveLoad.StartAsync(client, connectionsOfClient, requestsPerSecond / lab.Clients.Count));
            await WaitQuietAsync(cancel);
            before = Sum(loads);
            sentAgain = Retransmitted();
            for (var turn = 0; turn < restarts; turn++)
            {
                var standing = await FarmStanding.OfAsync(lab, cancel);
                away.Add(await RestartAsync(lab.Nodes[turn % lab.Nodes.Count], kill: turn % 2 == 0, cancel));
                await Task.Delay(_calm, cancel);
                var after = await FarmStanding.OfAsync(lab, cancel);
                if (after != standing)
                    changed.Add($"restart {turn + 1}: {standing} became {after}: {lab.Nodes[turn % lab.Nodes.Count].LogTail(12)}");
                restarted?.Invoke(turn + 1);
            }

            sentAgain = Retransmitted() - sentAgain;
        }
        finally
        {
            foreach (var load in loads)
                await load.DisposeAsync();
        }

        var seen = Sum(loads).Since(before);
        return new RestartReport(seen, MonotonicClock.ToMs(seen.AtNs - before.AtNs) / 1000, changed, sentAgain, away);
    }

    /// <summary>Who joined held buckets before, perhaps; once that is counted a view forgets it, which has nothing to do with restarts.</summary>
    private async Task WaitQuietAsync(CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + _backLimit;
        var views = "";
        for (var sinceNs = MonotonicClock.NowNs; MonotonicClock.NowNs - sinceNs < _quietNs && DateTime.UtcNow < deadline;)
        {
            if (await ViewsAsync(cancel) is var now && now != views)
                (views, sinceNs) = (now, MonotonicClock.NowNs);
            await Task.Delay(_calm, cancel);
        }
    }

    private static LoadSnapshot Sum(IEnumerable<KeepAliveLoad> loads) =>
        loads.Select(load => load.Snapshot()).Aggregate((sum, part) => sum.Plus(part));

    private static async Task<double> RestartAsync(LabNode node, bool kill, CancellationToken cancel)
    {
        var atNs = kill ? await node.KillDaemonAsync() : await node.HandOverDaemonAsync();
        await node.StartDaemonAsync();
        var deadline = DateTime.UtcNow + _backLimit;
        while (ViewOf(await node.StateAsync(cancel)).Length == 0)
        {
            if (DateTime.UtcNow > deadline)
                throw new LabException($"{node.Name} has no view {_backLimit.TotalSeconds} s after its restart: {node.LogTail(8)}");
            await Task.Delay(5, cancel);
        }

        return MonotonicClock.ToMs(MonotonicClock.NowNs - atNs);
    }

    private static string ViewOf(Core.Control.NodeState? state) =>
        state?.Modules.FirstOrDefault(m => m.Module == ClusterFiles.Module)?.Membership?.View ?? "";

    private async Task<string> ViewsAsync(CancellationToken cancel)
    {
        var views = await Task.WhenAll(lab.Nodes.Select(async node => $"{node.Name} {ViewOf(await node.StateAsync(cancel))}"));
        return string.Join(", ", views);
    }

    private long Retransmitted() =>
        lab.Clients.Select(client => client.Network).Concat(lab.Nodes.Select(node => node.Machine.Network)).Sum(RetransmittedIn);

    /// <summary>RetransSegs of /proc/net/snmp: two lines of the same columns, names and numbers.</summary>
    private static long RetransmittedIn(NetworkNamespace network) => network.Invoke(() =>
    {
        var lines = File.ReadLines("/proc/thread-self/net/snmp").Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal)).ToList();
        var column = Array.IndexOf(lines[0].Split(' '), "RetransSegs");
        return long.Parse(lines[1].Split(' ')[column], System.Globalization.CultureInfo.InvariantCulture);
    });
}
