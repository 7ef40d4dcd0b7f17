using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Tests.Support;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Network;

/// <summary>A real client believes the reset, and only one with the number that it expects.</summary>
public sealed class OrphanResetTests
{
    private const int Repair = 19;
    private const int RepairQueue = 20;
    private const int QueueNumber = 21;
    private const int ReceiveQueue = 1;
    private const int OffWithoutProbe = -1;

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheClientHearsOfIt(bool v6) => Namespaces.Run(_ =>
    {
        IPAddress vip = v6 ? Vip6 : Vip;
        NodeNamespace.Ip($"address add {vip}/{(v6 ? "128 dev lo nodad" : "32 dev lo")}");
        using var listener = new Socket(vip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(vip, 80));
        listener.Listen(16);
        using var client = new Socket(vip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(new IPEndPoint(vip, 80));
        using Socket server = listener.Accept();
        var at = (IPEndPoint)client.RemoteEndPoint!;
        var of = (IPEndPoint)client.LocalEndPoint!;
        uint expected = NumberExpectedBy(client);

        OrphanReset.Send(at, of, expected - 1);
        server.Send("still there"u8);
        Assert.Equal(11, client.Receive(new byte[20]));
        OrphanReset.Send(at, of, expected + 11);
        SocketException gone = Assert.Throws<SocketException>(() => client.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, gone.SocketErrorCode);
    });

    /// <summary>A client that closes while the others are asked is not told that its connection broke.</summary>
    [RootFact]
    public void WhatTheClientDidMeanwhileCounts() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node, RowFlags.Mine | RowFlags.HoldResets);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(Vip, 80));
        listener.Listen(16);
        using Socket client = Namespaces.InNetworkOf(node.ClientPid, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(new IPEndPoint(Vip, 80));
            return socket;
        });
        Forget(listener.Accept());
        client.Send([42]);
        HeldConnection held = WaitForHeld(filter, one => !one.Closes, out uint generation);
        client.Shutdown(SocketShutdown.Send);
        WaitForHeld(filter, one => one.Closes, out _);

        Assert.True(filter.MarkOrphan(held, generation)!.Value.Closes);
        Assert.Empty(filter.ReadHeld(0, out _));
        filter.Detach();
    });

    private static HeldConnection WaitForHeld(PacketFilter filter, Func<HeldConnection, bool> isThat, out uint generation)
    {
        IReadOnlyList<HeldConnection> held = [];
        uint read = 0;
        Assert.True(SpinWait.SpinUntil(() => (held = filter.ReadHeld(0, out read)).Any(isThat), 10_000), "the filter never noted it");
        generation = read;
        return held.Single();
    }

    /// <summary>Closed under TCP_REPAIR, a connection is gone without a word to the client, as in a crash.</summary>
    private static void Forget(Socket server)
    {
        server.SetRawSocketOption((int)ProtocolType.Tcp, Repair, BitConverter.GetBytes(1));
        server.Dispose();
    }

    /// <summary>tcp(7) has no word for it; the kernel tells whoever could move the connection to another machine (TCP_REPAIR).</summary>
    private static uint NumberExpectedBy(Socket client)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        client.SetRawSocketOption((int)ProtocolType.Tcp, Repair, BitConverter.GetBytes(1));
        client.SetRawSocketOption((int)ProtocolType.Tcp, RepairQueue, BitConverter.GetBytes(ReceiveQueue));
        client.GetRawSocketOption((int)ProtocolType.Tcp, QueueNumber, number);
        client.SetRawSocketOption((int)ProtocolType.Tcp, Repair, BitConverter.GetBytes(OffWithoutProbe));
        return BitConverter.ToUInt32(number);
    }
}
