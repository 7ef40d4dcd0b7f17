using SafeKit.Lab.Isolation;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>Echo requests to both virtual addresses, 50 per second each: the kernel answers them, whatever becomes of the programs.</summary>
public sealed class EchoLoad : IAsyncDisposable
{
    /// <summary>Above the loops of <see cref="Starvation"/>: clients are other machines, which nobody starves.</summary>
    private const string Priority = "40";

    /// <summary>Not below 10 ms: ping then polls without a pause, and at this priority takes the processors from the nodes.</summary>
    private const string IntervalSeconds = "0.02";

    private readonly List<Service> _pings = [];

    private EchoLoad()
    {
    }

    public static async Task<EchoLoad> StartAsync(IEnumerable<LabClient> clients)
    {
        var load = new EchoLoad();
        foreach (var client in clients)
        {
            foreach (var address in new[] { LabAddresses.Virtual4, LabAddresses.Virtual6 })
                load._pings.Add(await Service.StartAsync(
                    client.Machine, ["chrt", "-r", Priority, "ping", "-q", "-i", IntervalSeconds, address.ToString()], "/dev/null"));
        }

        return load;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ping in _pings)
        {
            await ping.KillAsync();
            ping.Dispose();
        }
    }
}
