using System.Net;
using SafeKit.Bench.Packets.Native;
using SafeKit.Core;
using SafeKit.Filter;
using SafeKit.Filter.Packets;

namespace SafeKit.Bench.Packets;

/// <summary>
/// What it costs to send a packet on in vmac_directed: decision, who sent it, who gets it, new MAC addresses; on one frame of TCP over
/// and over, in turns with an empty program.
/// </summary>
internal sealed class ForwardBenchmark(BenchPrograms programs, bool quick, CancellationToken token)
{
    private const string Device = "eth0";

    private const int Repeat = 100_000;
    private const long LeaseMs = 3_600_000;
    private const byte Tcp = 6;
    private const int Owner = 1;
    private const int Self = 2;
    private const int Sender = 3;
    private static readonly MacAddress _mac = new(0x02_00_00_00_00_01);

    private int Rounds => quick ? 50 : 400;

    public void Run(BenchReport report)
    {
        using BenchNetwork network = BenchNetwork.CreateAndEnter();
        BenchNetwork.Command(
            $"link add {Device} address {_mac} type veth peer name far0\nlink set {Device} up\nlink set far0 up\n", "ip", "-batch", "-");
        string folder = $"{BenchThread.Scratch}/forward";
        using PacketFilter filter = PacketFilter.Open(folder);
        Prepare(filter);
        int program = Checked.Call(LibBpf.bpf_obj_get($"{folder}/xdp"), "open the pinned filter");
        try
        {
            Measure(report, program, BenchTraffic.Address, TrafficKind.Ipv4, "");
            Measure(report, program, BenchTraffic.Address6, TrafficKind.Ipv6, "_ipv6");
        }
        finally
        {
            _ = LibC.close(program);
            filter.Detach();
        }
    }

    /// <summary>
    /// A test run does not restore the frame, so owner and device have the same MAC: what was sent on is once more for this node, and
    /// comes from a member that the lookup finds.
    /// </summary>
    private static void Prepare(PacketFilter filter)
    {
        FilterPlan plan = BenchTraffic.Plan(Device);
        filter.Apply(plan with { Addresses = [.. plan.Addresses.Select(one => one with { IsDirected = true, Self = Self })] });
        filter.SetMember(Device, Owner, _mac);
        filter.SetMember(Device, Sender, _mac);
        byte[] holders = new byte[Limits.RouteHolders * Limits.BucketsPerGroup];
        Array.Fill(holders, byte.MaxValue);
        Array.Fill(holders, (byte)Owner, 0, Limits.BucketsPerGroup);
        filter.InstallRows(0, new byte[Limits.BucketsPerGroup], holders);
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(LeaseMs));
    }

    private void Measure(BenchReport report, int program, IPAddress address, TrafficKind kind, string suffix)
    {
        byte[] frame = PacketBuilder.Ethernet(_mac, BenchTraffic.ClientMac)
            .Ip(BenchTraffic.Client(0, kind), address, Tcp).Tcp(40_000, BenchTraffic.WebPort, TcpFlags.Ack).Payload(new byte[6]).Build();
        uint ifindex = LibC.if_nametoindex(Device);
        var forward = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            token.ThrowIfCancellationRequested();
            double emptyNs = TestRun.MeasureNs(programs.Pass, frame, Repeat, TestRun.XdpPass, ifindex);
            forward.Add(TestRun.MeasureNs(program, frame, Repeat, TestRun.XdpTransmit, ifindex) - emptyNs);
        }
        report.Measure($"filter_forward_over_empty{suffix}_ns", Samples.Median(forward), "ns");
    }
}
