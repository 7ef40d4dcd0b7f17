using System.Net;
using SafeKit.Bench.Packets.Native;
using SafeKit.Filter;
using SafeKit.Filter.Packets;

namespace SafeKit.Bench.Packets;

/// <summary>
/// What the filter adds to a packet: the attached program beside an empty one, run on one frame of TCP over and over.
/// The three follow each other in each round, and each round gives one difference, so that a slower phase of the
/// machine slows all of them.
/// </summary>
internal sealed class DecisionBenchmark(BenchPrograms programs, bool quick, CancellationToken token)
{
    private const int Repeat = 100_000;
    private const byte Tcp = 6;

    private int Rounds => quick ? 50 : 400;

    public void Run(BenchReport report)
    {
        using var generator = new PacketGenerator(programs);
        using var receiver = new FilterReceiver(generator, 1, takesThird: true);
        int filter = receiver.OpenProgram("xdp");
        int companion = receiver.OpenProgram("companion");
        try
        {
            report.Say($"TCP, one frame {Repeat} times in each of {Rounds} rounds, medians of differences within a round; " +
                "filter as attached, lease and counters included");
            RunFamily(report, filter, isIpv6: false);
            RunFamily(report, filter, isIpv6: true);
            RunCompanion(report, companion);
        }
        finally
        {
            _ = LibC.close(filter);
            _ = LibC.close(companion);
        }
    }

    private void RunFamily(BenchReport report, int filter, bool isIpv6)
    {
        byte[] taken = Frame(ClientWith(isTaken: true, isIpv6), isIpv6);
        byte[] dropped = Frame(ClientWith(isTaken: false, isIpv6), isIpv6);
        byte[] syn = Frame(ClientWith(isTaken: true, isIpv6), isIpv6, TcpFlags.Syn);
        uint ifindex = LibC.if_nametoindex(PacketReceiver.Device);
        var empty = new List<double>();
        var take = new List<double>();
        var drop = new List<double>();
        var open = new List<double>();
        var openBeyondPace = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            token.ThrowIfCancellationRequested();
            empty.Add(TestRun.MeasureNs(programs.Pass, taken, Repeat, TestRun.XdpPass));
            take.Add(TestRun.MeasureNs(filter, taken, Repeat, TestRun.XdpPass) - empty[^1]);
            drop.Add(TestRun.MeasureNs(filter, dropped, Repeat, TestRun.XdpDrop) - empty[^1]);
            // On another interface than the address's nothing is answered: what is left is a SYN as any other packet.
            open.Add(TestRun.MeasureNs(filter, syn, Repeat, TestRun.XdpPass) - empty[^1]);
            openBeyondPace.Add(TestRun.MeasureNs(filter, syn, Repeat, TestRun.XdpPass, ifindex) - empty[^1]);
        }
        string suffix = isIpv6 ? "_ipv6" : "";
        report.Measure($"empty_program{suffix}_ns", Samples.Median(empty), "ns");
        report.Measure($"filter_take_over_empty{suffix}_ns", Samples.Median(take), "ns");
        report.Measure($"filter_drop_over_empty{suffix}_ns", Samples.Median(drop), "ns");
        report.Measure($"filter_take_syn_over_empty{suffix}_ns", Samples.Median(open), "ns");
        report.Measure($"filter_take_syn_beyond_pace_over_empty{suffix}_ns", Samples.Median(openBeyondPace), "ns");
    }

    /// <summary>What a taken packet meets besides, on its way up; a dropped one never gets there.</summary>
    private void RunCompanion(BenchReport report, int companion)
    {
        byte[] taken = Frame(ClientWith(isTaken: true, isIpv6: false), isIpv6: false);
        var difference = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            token.ThrowIfCancellationRequested();
            double emptyNs = TestRun.MeasureNs(programs.Next, taken, Repeat, TestRun.TcxNext);
            difference.Add(TestRun.MeasureNs(companion, taken, Repeat, TestRun.TcxNext) - emptyNs);
        }
        report.Measure("companion_over_empty_ns", Samples.Median(difference), "ns");
    }

    private static byte[] Frame(IPAddress client, bool isIpv6, TcpFlags flags = TcpFlags.Ack)
    {
        IPAddress address = isIpv6 ? BenchTraffic.Address6 : BenchTraffic.Address;
        return PacketBuilder.Ethernet(MacAddress.ForVirtualAddress(address), BenchTraffic.ClientMac)
            .Ip(client, address, Tcp)
            .Tcp(40_000, BenchTraffic.WebPort, flags)
            .Payload(new byte[6])
            .Build();
    }

    private static IPAddress ClientWith(bool isTaken, bool isIpv6) =>
        Enumerable.Range(0, BenchTraffic.Clients)
            .Select(number => BenchTraffic.Client(number, isIpv6 ? TrafficKind.Ipv6 : TrafficKind.Ipv4))
            .First(client => FilterReceiver.IsTaken(BenchTraffic.Bucket(client)) == isTaken);
}
