using System.Net;
using System.Net.Sockets;
using SafeKit.Filter.Packets;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Support;

/// <summary>SYNs with right checksums, and what belongs to them.</summary>
internal static class SynFrames
{
    public const ushort WebPort = 80;
    public const byte TcpProtocol = 6;
    public const int EthernetBytes = 14;

    /// <summary>A listener whose queue is full; the kernel answers with cookies, if it may, until <see cref="IDisposable.Dispose"/>.</summary>
    public static Socket ListenFlooded(NodeNamespace node, bool v6)
    {
        const int Syns = 8, RepeatMs = 1_000, Repeats = 20;
        Socket listener = Listen(VipOf(v6));
        // Half-open connections last because nobody answers at this address, and need its MAC because nobody does.
        NodeNamespace.Ip($"neighbour replace {Stranger(v6)} lladdr {ClientMac} dev eth0");
        using var judge = new Judge(node);
        for (ushort port = 1; port <= Syns; port++)
        {
            ushort sent = port;
            Assert.Contains(Enumerable.Range(0, Repeats), _ =>
            {
                judge.Send(From(Stranger(v6), v6, sent));
                return judge.Await(frame => IsSynAck(frame, v6, sent), RepeatMs) is not null;
            });
        }
        return listener;
    }

    public static Socket Listen(IPAddress vip)
    {
        var listener = new Socket(vip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(vip, WebPort));
        listener.Listen(1);
        return listener;
    }

    public static IPAddress VipOf(bool v6) => v6 ? Vip6 : Vip;

    public static IPAddress ClientOf(bool v6) => v6 ? Client6 : Client;

    /// <summary>In the network, and nobody's.</summary>
    public static IPAddress Stranger(bool v6) => IPAddress.Parse(v6 ? "fd00:1::50" : "10.1.0.50");

    public static int IpBytes(bool v6) => v6 ? 40 : 20;

    public static byte[] From(IPAddress client, bool v6, ushort port, TcpFlags flags = TcpFlags.Syn, uint sequence = 1_000, uint acknowledged = 0, params byte[] data) =>
        Checksummed(
            PacketBuilder.Ethernet(KernelNode.OwnMac, ClientMac).Ip(client, VipOf(v6), TcpProtocol)
                .Tcp(port, WebPort, flags, sequence, acknowledged).Payload(data).Build(),
            v6);

    /// <summary>As Linux opens a connection: segment size, selective acknowledgements, timestamps, window scaling.</summary>
    public static byte[] WithOptions(bool v6, ushort port, params byte[] data)
    {
        byte[] frame = PacketBuilder.Ethernet(KernelNode.OwnMac, ClientMac).Ip(ClientOf(v6), VipOf(v6), TcpProtocol)
            .Tcp(port, WebPort, TcpFlags.Syn, 0xfffffff0)
            .Payload(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7).Payload(data).Build();
        frame[EthernetBytes + IpBytes(v6) + 12] = 10 << 4;
        return Checksummed(frame, v6);
    }

    /// <summary>An untagged frame without extension headers or options of IP, with the checksum of TCP filled in.</summary>
    public static byte[] Checksummed(byte[] frame, bool v6)
    {
        int transport = EthernetBytes + IpBytes(v6);
        InternetChecksum.Fill(frame.AsSpan(transport), 16, frame.AsSpan(transport - (v6 ? 32 : 8), v6 ? 32 : 8), TcpProtocol);
        return frame;
    }

    private static bool IsSynAck(byte[] frame, bool v6, ushort port)
    {
        int transport = EthernetBytes + IpBytes(v6);
        return frame.Length >= transport + 20 && frame[12] == (v6 ? 0x86 : 0x08) && frame[transport + 13] == (byte)(TcpFlags.Syn | TcpFlags.Ack)
            && frame[transport + 2] == port >> 8 && frame[transport + 3] == (byte)port;
    }
}
