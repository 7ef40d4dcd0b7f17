using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Support;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Network;

/// <summary>Buckets that change hands: the kernel's own sockets decide.</summary>
public sealed class ConnectionTests
{
    private const RowFlags Former = RowFlags.MayHoldConnections;
    private const RowFlags Latter = RowFlags.Mine | RowFlags.HoldResets;

    [RootTheory]
    [InlineData(Former, false, true, TcpFlags.Ack, FilterReason.TakenConnection)]
    [InlineData(Former, true, true, TcpFlags.Ack, FilterReason.TakenConnection)]
    [InlineData(Former, false, true, TcpFlags.Fin | TcpFlags.Ack, FilterReason.TakenConnection)]
    [InlineData(Former, false, true, TcpFlags.Reset, FilterReason.TakenConnection)]
    [InlineData(Former, false, true, TcpFlags.Syn, FilterReason.NotMine)]
    [InlineData(Former, false, false, TcpFlags.Ack, FilterReason.NotMine)]
    [InlineData(Former, true, false, TcpFlags.Ack, FilterReason.NotMine)]
    [InlineData(Latter, false, true, TcpFlags.Ack, FilterReason.Taken)]
    [InlineData(Latter, true, true, TcpFlags.Ack, FilterReason.Taken)]
    [InlineData(Latter, false, false, TcpFlags.Ack, FilterReason.ResetHeld)]
    [InlineData(Latter, true, false, TcpFlags.Ack, FilterReason.ResetHeld)]
    [InlineData(Latter, false, false, TcpFlags.Syn, FilterReason.Taken)]
    [InlineData(RowFlags.None, false, true, TcpFlags.Ack, FilterReason.NotMine)]
    public void BySocket(RowFlags rows, bool v6, bool isConnected, TcpFlags flags, FilterReason expected) =>
        Namespaces.Run(_ => WithConnection(v6, (kernel, connection) =>
        {
            kernel.Set(World.State(rows));
            ushort port = (ushort)(((IPEndPoint)connection.LocalEndPoint!).Port ^ (isConnected ? 0 : 1));
            IPAddress vip = v6 ? Vip6 : Vip;
            byte[] frame = ToVip().Ip(v6 ? Client6 : Client, vip, 6).Tcp(port, 80, flags).Build();
            Assert.Equal(expected, kernel.Trace(frame).Reason);
            Assert.Equal(expected.Verdict() != FilterVerdict.Drop, kernel.Passes(frame));
            DecisionState twin = World.State(rows);
            twin.HoldsConnection = tuple => tuple.ClientPort == ((IPEndPoint)connection.LocalEndPoint!).Port;
            Assert.Equal(expected, PacketDecision.Decide(twin, frame, "lo").Reason);
        }));

    /// <summary>A handshake that waits for data after its last packet has a request socket and nothing else.</summary>
    [RootTheory]
    [InlineData(Former, TcpFlags.Ack, FilterReason.TakenConnection)]
    [InlineData(Latter, TcpFlags.Ack, FilterReason.Taken)]
    [InlineData(Former, TcpFlags.Syn, FilterReason.NotMine)]
    public void ARequestSocketIsAConnection(RowFlags rows, TcpFlags flags, FilterReason expected) => Namespaces.Run(_ =>
    {
        const int DeferAccept = 9;
        NodeNamespace.Ip($"address add {Vip}/32 dev lo");
        NodeNamespace.Ip($"address add {Client}/32 dev lo");
        using var kernel = new KernelNode();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetRawSocketOption((int)ProtocolType.Tcp, DeferAccept, BitConverter.GetBytes(30));
        listener.Bind(new IPEndPoint(Vip, 80));
        listener.Listen(16);
        using var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        connection.Bind(new IPEndPoint(Client, 0));
        connection.Connect(new IPEndPoint(Vip, 80));
        AssertReason(kernel, rows, connection, flags, expected);
    });

    /// <summary>The node that closed first answers a repeated FIN; a new connection of the same ports goes to the owner.</summary>
    [RootTheory]
    [InlineData(Former, TcpFlags.Fin | TcpFlags.Ack, FilterReason.TakenConnection)]
    [InlineData(Former, TcpFlags.Syn, FilterReason.NotMine)]
    [InlineData(Latter, TcpFlags.Fin | TcpFlags.Ack, FilterReason.Taken)]
    [InlineData(Latter, TcpFlags.Syn, FilterReason.Taken)]
    public void TimeWait(RowFlags rows, TcpFlags flags, FilterReason expected) => Namespaces.Run(_ => WithConnection(
        false,
        (kernel, connection) =>
        {
            var local = (IPEndPoint)connection.LocalEndPoint!;
            connection.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, connection.Receive(new byte[1]));
            AssertReason(kernel, rows, local, flags, expected);
        },
        closeFirst: true));

    /// <summary>What nobody holds is put on the list, and once all have said no its packets go to the kernel, which resets.</summary>
    [RootFact]
    public void AnOrphanIsLetThrough() => Namespaces.Run(_ =>
    {
        using var kernel = new KernelNode();
        kernel.Set(World.State(Latter));
        byte[] frame = ToVip().Ip(Client, Vip, 6).Tcp(4000, 80, TcpFlags.Ack, acknowledgement: 77).Build();
        Assert.Equal(FilterReason.ResetHeld, kernel.Trace(frame).Reason);
        Assert.Empty(kernel.Filter.ReadHeld());
        Assert.False(kernel.Passes(frame));
        (HeldKey key, HeldValue value) = Assert.Single(kernel.Filter.ReadHeld());
        Assert.Equal((4000, 0u, 77u), (key.ClientPort, value.Orphan, value.ClientExpects));
        byte[] newer = ToVip().Ip(Client, Vip, 6).Tcp(4000, 80, TcpFlags.Ack, acknowledgement: 99).Build();
        Assert.False(kernel.Passes(newer));
        Assert.Equal(99u, Assert.Single(kernel.Filter.ReadHeld()).Value.ClientExpects);
        kernel.Filter.WriteHeld(key, value with { Generation = value.Generation + 1, Orphan = 1 });
        Assert.Equal(FilterReason.ResetHeld, kernel.Trace(frame).Reason);
        kernel.Filter.WriteHeld(key, value with { Orphan = 1 });
        Assert.Equal(FilterReason.Taken, kernel.Trace(frame).Reason);
        byte[] other = ToVip().Ip(Client, Vip, 6).Tcp(4001, 80, TcpFlags.Ack).Build();
        Assert.Equal(FilterReason.ResetHeld, kernel.Trace(other).Reason);
    });

    [RootTheory]
    [InlineData(Former, FilterReason.TakenConnection)]
    [InlineData(Latter, FilterReason.Taken)]
    public void AnIcmpErrorGoesToTheHolder(RowFlags rows, FilterReason expected) => Namespaces.Run(_ => WithConnection(false, (kernel, connection) =>
    {
        kernel.Set(World.State(rows));
        ushort port = (ushort)((IPEndPoint)connection.LocalEndPoint!).Port;
        byte[] frame = ToVip().Ip(Node, Vip, 1).Icmp(3, 4).Ip(Vip, Client, 6).Tcp(80, port, TcpFlags.Ack).Build();
        Assert.Equal(expected, kernel.Trace(frame).Reason);
    }));

    [RootFact]
    public void AnEndedLeaseHoldsForFormerOwnersToo() => Namespaces.Run(_ => WithConnection(false, (kernel, connection) =>
    {
        kernel.Set(World.State(Former, leaseMs: -1));
        ushort port = (ushort)((IPEndPoint)connection.LocalEndPoint!).Port;
        byte[] frame = ToVip().Ip(Client, Vip, 6).Tcp(port, 80, TcpFlags.Ack).Build();
        Assert.Equal(FilterReason.LeaseExpired, kernel.Trace(frame).Reason);
    }));

    /// <summary>With cookies forced, a half-open connection has no socket: only the cookie tells that it is ours.</summary>
    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void AHandshakeUnderSynCookies(bool v6) => Namespaces.Run(node =>
    {
        const int AlwaysCookies = 2;
        node.ConnectClient();
        File.WriteAllText("/proc/sys/net/ipv4/tcp_syncookies", $"{AlwaysCookies}");
        using PacketFilter filter = ServedNode.Serve(node, Latter);
        using var listener = new Socket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        IPAddress vip = v6 ? Vip6 : Vip;
        listener.Bind(new IPEndPoint(vip, 80));
        listener.Listen(16);
        using Socket client = Namespaces.InNetworkOf(node.ClientPid, () =>
        {
            var socket = new Socket(vip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(new IPEndPoint(vip, 80));
            return socket;
        });
        using Socket accepted = listener.Accept();
        client.Send([42]);
        byte[] received = new byte[1];
        Assert.Equal(1, accepted.Receive(received));
        Assert.Equal(0, filter.Status().Counters["reset_held"]);
        byte[] forged = ToVip().Ip(v6 ? Client6 : Client, vip, 6).Tcp(1, 80, TcpFlags.Ack, 1, 12345).Build();
        Assert.Equal(FilterReason.ResetHeld, filter.Trace(forged, "eth0").Reason);
        filter.Detach();
    });

    /// <summary>An established connection from the client's address to the virtual one, both on this namespace's lo.</summary>
    private static void WithConnection(bool v6, Action<KernelNode, Socket> test, bool closeFirst = false)
    {
        (IPAddress vip, IPAddress from) = v6 ? (Vip6, Client6) : (Vip, Client);
        NodeNamespace.Ip($"address add {vip}/{(v6 ? 128 : 32)} dev lo{(v6 ? " nodad" : "")}");
        NodeNamespace.Ip($"address add {from}/{(v6 ? 128 : 32)} dev lo{(v6 ? " nodad" : "")}");
        using var kernel = new KernelNode();
        using var listener = new Socket(vip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(vip, 80));
        listener.Listen(16);
        using var connection = new Socket(vip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        connection.Bind(new IPEndPoint(from, 0));
        connection.Connect(new IPEndPoint(vip, 80));
        using Socket accepted = listener.Accept();
        if (closeFirst)
            accepted.Dispose();
        test(kernel, connection);
    }

    private static void AssertReason(KernelNode kernel, RowFlags rows, Socket connection, TcpFlags flags, FilterReason expected) =>
        AssertReason(kernel, rows, (IPEndPoint)connection.LocalEndPoint!, flags, expected);

    private static void AssertReason(KernelNode kernel, RowFlags rows, IPEndPoint client, TcpFlags flags, FilterReason expected)
    {
        kernel.Set(World.State(rows));
        byte[] frame = ToVip().Ip(Client, Vip, 6).Tcp((ushort)client.Port, 80, flags).Build();
        Assert.Equal(expected, kernel.Trace(frame).Reason);
        Assert.Equal(expected.Verdict() != FilterVerdict.Drop, kernel.Passes(frame));
    }
}
