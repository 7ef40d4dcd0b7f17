using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Tests.Support;
using static SafeKit.Filter.Tests.Support.SynFrames;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Network;

/// <summary>
/// A real client connects through the attached filter during a flood. Its SYN has only part of a checksum, as always between machines on one
/// host, so the ways on which the filter answers must keep that right.
/// </summary>
public sealed class SynFloodTests
{
    private const int LimitMs = 60_000;

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void NativeXdpOnVeth(bool v6) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Check(node, "eth0", FilterMode.Native, v6);
    });

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void GenericXdp(bool v6) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("link add br0 address 02:00:00:00:00:01 type bridge forward_delay 0");
        NodeNamespace.Ip("link set br0 up");
        NodeNamespace.Ip("address flush dev eth0");
        NodeNamespace.Ip("link set eth0 master br0");
        NodeNamespace.Ip("address add 10.1.0.1/24 dev br0");
        NodeNamespace.Ip("address add fd00:1::1/64 dev br0 nodad");
        Check(node, "br0", FilterMode.Generic, v6);
    });

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void AtTc(bool v6) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using var other = new KernelNode();
        using var guard = new TemporaryGuard(node, other.Filter);
        Check(node, "eth0", FilterMode.Tc, v6);
    });

    private static void Check(NodeNamespace node, string name, FilterMode mode, bool v6)
    {
        using PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        filter.Apply(ServedNode.Plan(name));
        filter.InstallRows(0, ServedNode.Rows(RowFlags.Mine));
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        Assert.Equal(mode, Assert.Single(filter.Status().Interfaces).Mode);
        using Socket listener = Listen(VipOf(v6));
        NodeNamespace.Ip($"neighbour replace {Stranger(v6)} lladdr {ClientMac} dev {name}");
        using var judge = new Judge(node);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            Flood(judge, v6);
            using Socket client = Connect(node, v6);
            using Socket accepted = listener.Accept();
            Exchange(client, accepted);
            if (HasNoOptions(client))
                break;
            Assert.True(waited.ElapsedMilliseconds < LimitMs, $"always the kernel: {string.Join(" ", filter.Status().Counters.Where(one => one.Value > 0))}");
        }
        Assert.NotEqual(0, filter.Status().Counters["cookie_sent"]);
        Assert.Equal(filter.Status().Counters["cookie_sent"], filter.ReadCookies()[0]);
        filter.Detach();
    }

    /// <summary>More than the kernel is left with on two processors; the first of them fill the listener's queue.</summary>
    private static void Flood(Judge judge, bool v6)
    {
        const int Syns = 1_000;
        for (int i = 0; i < Syns; i++)
            judge.Send(From(Stranger(v6), v6, (ushort)(1_000 + i)));
    }

    private static Socket Connect(NodeNamespace node, bool v6) => Namespaces.InNetworkOf(node.ClientPid, () =>
    {
        var socket = new Socket(VipOf(v6).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(VipOf(v6), WebPort));
        return socket;
    });

    /// <summary>More than a window, in both directions.</summary>
    private static void Exchange(Socket client, Socket accepted)
    {
        byte[] data = new byte[300_000];
        new Random(1).NextBytes(data);
        foreach ((Socket from, Socket to) in new[] { (client, accepted), (accepted, client) })
        {
            Task<int> sending = from.SendAsync(data, SocketFlags.None);
            byte[] received = new byte[data.Length];
            int bytes = 0;
            while (bytes < received.Length)
                bytes += to.Receive(received, bytes, received.Length - bytes, SocketFlags.None);
            Assert.Equal(data.Length, sending.GetAwaiter().GetResult());
            Assert.Equal(data, received);
        }
    }

    /// <summary>The client offered timestamps, scaling and selective acknowledgements: the kernel takes them up, also with cookies.</summary>
    private static bool HasNoOptions(Socket client)
    {
        const int TcpInfo = 11, OptionsOffset = 5, OptionsMask = 0x7;
        byte[] info = new byte[8];
        client.GetRawSocketOption((int)ProtocolType.Tcp, TcpInfo, info);
        return (info[OptionsOffset] & OptionsMask) == 0;
    }
}
