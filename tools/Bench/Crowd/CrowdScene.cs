using SafeKit.Bench.Outage;
using SafeKit.Lab;
using SafeKit.Lab.Crowd;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Crowd;

/// <summary>A farm with a crowd of connections, and what is done to its first node.</summary>
internal sealed class CrowdScene(ClusterLab lab, IReadOnlyList<CrowdServer> servers, ConnectionCrowd crowd)
{
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(120);

    private LabNode Victim => lab.Nodes[0];

    /// <summary>Connections that the servers' kernels hold.</summary>
    public long OpenOnServers => servers.Sum(server => server.Open);

    public string Spread => string.Join(", ", servers.Select((server, i) => $"{lab.Nodes[i].Name} holds {server.Open}"));

    /// <summary>Resident memory of the drained node's daemon.</summary>
    public double DaemonMb => ProcessUsage.ResidentMb(Victim.DaemonPid);

    public int Open(int count)
    {
        var open = crowd.Open(count);
        if (servers.Select(server => server.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
            throw new LabException(failure);

        // Each is asked once, so that it is known where it is.
        _ = crowd.Ask();
        return open;
    }

    /// <summary>The node that answered each connection; 0 where none did.</summary>
    public byte[] AskAll()
    {
        _ = crowd.Ask();
        return crowd.Nodes();
    }

    /// <summary>Drains the node and waits until the others serve its share.</summary>
    public async Task<TimeSpan> DrainAsync(CancellationToken cancel)
    {
        var others = lab.NodeNames.Where(name => name != Victim.Name).ToList();
        await Victim.OrderAsync("drain");
        return await lab.WaitForAsync(
            "the others serving alone", picture => others.Sum(picture.Buckets) == picture.BucketsOfAll, _settleLimit, cancel);
    }

    public async Task<TimeSpan> UndrainAsync(CancellationToken cancel)
    {
        await Victim.OrderAsync("undrain");
        return await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
    }

    public (double InTurnNs, double SameNs) MeasureLookup() => new CrowdLookup(Victim, crowd.NumbersOf(Victim.Number)).Measure();

    /// <summary>Percent of one processor that the first node's daemon takes.</summary>
    public async Task<double> DaemonCpuAsync(TimeSpan time, CancellationToken cancel)
    {
        var before = ProcessUsage.CpuSeconds(Victim.DaemonPid);
        await Task.Delay(time, cancel);
        return 100 * (ProcessUsage.CpuSeconds(Victim.DaemonPid) - before) / time.TotalSeconds;
    }
}
