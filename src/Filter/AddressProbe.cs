using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Packets;

namespace SafeKit.Filter;

/// <summary>
/// Asks the network whether another machine already has a virtual address, as a host would for an address of its own
/// (RFC 5227 section 2.1.1, RFC 4862 section 5.4): the other nodes of the farm do not answer such a probe, and answers with
/// the virtual MAC are theirs anyway.
/// </summary>
public static class AddressProbe
{
    private const int Probes = 3;
    private const int ProbeIntervalMs = 100;
    private const byte NeighbourSolicitation = 135;
    private const byte IcmpV6 = 58;
    private const byte HopLimitOnLink = 255;
    private static readonly MacAddress _broadcast = new(0xFFFF_FFFF_FFFF);

    /// <exception cref="SafeKitException">
    /// Another machine has one of the addresses, or the interface does not exist or ceases to.
    /// </exception>
    /// <param name="addresses">The addresses to be taken.</param>
    /// <param name="isMember">Whether a MAC is that of another node, which in vmac_directed announces the address as its own.</param>
    public static void Check(IReadOnlyList<FilterAddress> addresses, Predicate<MacAddress>? isMember = null)
    {
        IReadOnlyList<NodeInterface> interfaces = NodeInterface.ReadAll();
        foreach (IGrouping<string, FilterAddress> group in addresses.GroupBy(address => address.Interface))
        {
            NodeInterface device = NodeInterface.Require(interfaces, group.Key);
            try
            {
                Check(device, [.. group], isMember ?? (_ => false));
            }
            catch (SocketException exception)
            {
                throw new SafeKitException($"interface {device.Name}: cannot ask whether the virtual addresses " +
                    $"{string.Join(", ", group.Select(address => address.Address))} are free: {exception.Message}; " +
                    "is the interface still there? Probing needs root", exception);
            }
        }
    }

    private static void Check(NodeInterface device, FilterAddress[] addresses, Predicate<MacAddress> isMember)
    {
        using var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)PacketEndPoint.AllProtocols);
        var endPoint = new PacketEndPoint(device.Index);
        socket.Bind(endPoint);
        for (int probe = 0; probe < Probes; probe++)
        {
            foreach (FilterAddress address in addresses)
                TrySend(socket, Question(device.Mac, address.Address), endPoint);
            Listen(socket, device, addresses, isMember);
        }
    }

    /// <summary>A cable that is out is no reason not to start.</summary>
    private static void TrySend(Socket socket, byte[] frame, PacketEndPoint endPoint)
    {
        try
        {
            socket.SendTo(frame, endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NetworkDown)
        {
        }
    }

    private static void Listen(Socket socket, NodeInterface device, FilterAddress[] addresses, Predicate<MacAddress> isMember)
    {
        byte[] frame = new byte[2048];
        var watch = Stopwatch.StartNew();
        while (watch.ElapsedMilliseconds < ProbeIntervalMs)
        {
            int leftMs = (int)Math.Max(1, ProbeIntervalMs - watch.ElapsedMilliseconds);
            if (!socket.Poll(TimeSpan.FromMilliseconds(leftMs), SelectMode.SelectRead))
                return;
            int length = TryReceive(socket, frame);
            if (NeighbourClaim.Read(frame.AsSpan(0, length)) is not { } claim || claim.Mac == device.Mac)
                continue;
            FilterAddress? address = addresses.FirstOrDefault(one => one.Address.Equals(claim.Address));
            if (address is not null && address.VirtualMac != claim.Mac && !(address.IsDirected && isMember(claim.Mac)))
                throw new SafeKitException(
                    $"virtual address {address.Address} is in use by another machine (MAC {claim.Mac}) on {device.Name}; " +
                    "choose a free address, or take it away there");
        }
    }

    /// <summary>0 when the link went down, which the socket reports once.</summary>
    private static int TryReceive(Socket socket, byte[] frame)
    {
        try
        {
            return socket.Receive(frame);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NetworkDown)
        {
            return 0;
        }
    }

    private static byte[] Question(MacAddress own, IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return PacketBuilder.Ethernet(_broadcast, own).Arp(1, own, IPAddress.Any, default, address).Build();
        byte[] tail = address.GetAddressBytes()[^3..];
        var group = new IPAddress([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. tail]);
        var groupMac = MacAddress.Read([0x33, 0x33, 0xff, .. tail]);
        byte[] frame = PacketBuilder.Ethernet(groupMac, own)
            .Ipv6(IPAddress.IPv6Any, group, IcmpV6, HopLimitOnLink)
            .Neighbour(NeighbourSolicitation, address)
            .Build();
        IcmpChecksum.Fill(frame);
        return frame;
    }
}
