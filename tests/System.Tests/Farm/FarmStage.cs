using SafeKit.Lab;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>What a test of the farm works with.</summary>
public sealed record FarmStage(ClusterLab Lab, WireCapture Wire)
{
    private static readonly TimeSpan _probeInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _watchAtLeast = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan _outageLimit = TimeSpan.FromSeconds(10);

    public LabNode Node(int number) => Lab.Nodes[number - 1];

    public List<string> Without(LabNode node) => Lab.NodeNames.Where(name => name != node.Name).ToList();

    public LoadGroup StartLoad(int requestsPerSecond = 100) =>
        new(Lab.Clients, new LoadOptions { RequestsPerSecond = requestsPerSecond });

    /// <summary>A probe that knows whose source ports are whose.</summary>
    public async Task<OutageProbe> StartProbeAsync(bool ipv6 = false)
    {
        var probe = new OutageProbe(Lab.Clients[0], ipv6 ? LabAddresses.Web6 : LabAddresses.Web4, _probeInterval);
        await probe.LearnAsync(FarmFixture.SettleLimit);
        return probe;
    }

    /// <summary>Waits until the nodes other than the lost one share everything.</summary>
    public Task WaitForHeirsAsync(LabNode lost)
    {
        var heirs = Without(lost);
        return Lab.WaitForAsync(
            $"{string.Join(" and ", heirs)} taking over",
            picture => heirs.All(picture.IsUp) && heirs.Sum(picture.Buckets) == picture.BucketsOfAll && picture.Spread(heirs) <= 1,
            FarmFixture.SettleLimit);
    }

    public async Task BringBackAsync(LabNode node)
    {
        await NodeFaults.BringBackAsync(node);
        await Lab.WaitWholeAsync(FarmFixture.SettleLimit);
    }

    /// <summary>Does a fault to a node and returns what its clients saw and who accepted their connections.</summary>
    public async Task<Takeover> LoseAsync(LabNode victim, Func<Task<long>> fault)
    {
        await using var probe = await StartProbeAsync();
        probe.Watch(victim.Name);
        var ports = probe.PortsOf(victim.Name).ToHashSet();
        var wireBefore = Wire.Report();
        var at = await fault();
        var outage = await probe.WaitForEndAsync(at, _watchAtLeast, _outageLimit);
        await WaitForHeirsAsync(victim);
        var accepted = Wire.Judge.AcceptedSince(at).Where(a => ports.Contains(a.Connection.ClientPort)).ToList();
        return new Takeover(at, outage, victim.Name, accepted, Wire.Report().Since(wireBefore));
    }
}
