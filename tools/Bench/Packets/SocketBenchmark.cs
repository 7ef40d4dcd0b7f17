using System.Net;
using System.Net.Sockets;
using SafeKit.Bench.Packets.Native;
using SafeKit.Core;
using SafeKit.Filter;
using SafeKit.Filter.Packets;

namespace SafeKit.Bench.Packets;

/// <summary>
/// What a packet costs whose bucket another node owns now, while this node may still have connections of it: the kernel's sockets are asked.
/// Once for a real connection, once for one that nobody has; with a listener on the port, as in service, in turns with an empty program.
/// </summary>
internal sealed class SocketBenchmark(BenchPrograms programs, bool quick, CancellationToken token)
{
    private const int Repeat = 100_000;
    private const byte Tcp = 6;

    private int Rounds => quick ? 50 : 400;

    public void Run(BenchReport report)
    {
        using var generator = new PacketGenerator(programs);
        using var receiver = new FilterReceiver(generator, 1, takesThird: false, RowFlags.MayHoldConnections);
        int filter = receiver.OpenProgram("xdp");
        try
        {
            report.Say("the same for a packet without SYN in a bucket of another node of which this one may hold connections");
            RunFamily(report, filter, isIpv6: false);
            RunFamily(report, filter, isIpv6: true);
        }
        finally
        {
            _ = LibC.close(filter);
        }
    }

    private void RunFamily(BenchReport report, int filter, bool isIpv6)
    {
        IPAddress service = isIpv6 ? BenchTraffic.Address6 : BenchTraffic.Address;
        IPAddress client = BenchTraffic.Client(0, isIpv6 ? TrafficKind.Ipv6 : TrafficKind.Ipv4);
        BenchNetwork.Command(null, "ip", "address", "add", $"{client}/{(isIpv6 ? "128" : "32")}", "dev", "lo");
        using Socket listener = Listen(service);
        using Socket connection = Connect(client, service);
        byte[] held = Frame(client, ((IPEndPoint)connection.LocalEndPoint!).Port, service);
        byte[] unknown = Frame(client, ((IPEndPoint)connection.LocalEndPoint!).Port ^ 1, service);
        var taken = new List<double>();
        var dropped = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            token.ThrowIfCancellationRequested();
            double emptyNs = TestRun.MeasureNs(programs.Pass, held, Repeat, TestRun.XdpPass);
            taken.Add(TestRun.MeasureNs(filter, held, Repeat, TestRun.XdpPass) - emptyNs);
            dropped.Add(TestRun.MeasureNs(filter, unknown, Repeat, TestRun.XdpDrop) - emptyNs);
        }
        string suffix = isIpv6 ? "_ipv6" : "";
        report.Measure($"filter_take_socket_over_empty{suffix}_ns", Samples.Median(taken), "ns");
        report.Measure($"filter_drop_no_socket_over_empty{suffix}_ns", Samples.Median(dropped), "ns");
    }

    private static Socket Listen(IPAddress service)
    {
        var listener = new Socket(service.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(service, BenchTraffic.WebPort));
        listener.Listen(1);
        return listener;
    }

    private static Socket Connect(IPAddress client, IPAddress service)
    {
        var connection = new Socket(service.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        connection.Bind(new IPEndPoint(client, 0));
        connection.Connect(new IPEndPoint(service, BenchTraffic.WebPort));
        return connection;
    }

    private static byte[] Frame(IPAddress client, int port, IPAddress service) =>
        PacketBuilder.Ethernet(MacAddress.ForVirtualAddress(service), BenchTraffic.ClientMac)
            .Ip(client, service, Tcp)
            .Tcp((ushort)port, BenchTraffic.WebPort, TcpFlags.Ack)
            .Payload(new byte[6])
            .Build();
}
