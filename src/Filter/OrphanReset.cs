using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Packets;

namespace SafeKit.Filter;

/// <summary>
/// Tells a client at once that its connection is gone, instead of at its next repetition, which TCP puts off longer and longer. The reset has the
/// number that the client expects next, by its own words: it takes no other (RFC 5961 section 3).
/// </summary>
public static class OrphanReset
{
    private const byte Tcp = 6;
    private const int EthernetBytes = 14;
    private const int ChecksumOffset = 16;

    /// <summary>Of a connection that no node has.</summary>
    /// <param name="sequence">The number that the client expects next: <see cref="HeldConnection.ClientExpects"/>.</param>
    /// <exception cref="SafeKitException">The packet cannot be sent.</exception>
    public static void Send(IPEndPoint server, IPEndPoint client, uint sequence)
    {
        byte[] packet = Build(server, client, sequence);
        try
        {
            // IPPROTO_RAW (raw(7)): nothing is received here, and the kernel takes the whole packet as it is.
            using var socket = new Socket(client.AddressFamily, SocketType.Raw, ProtocolType.Raw);
            socket.SendTo(packet, new IPEndPoint(client.Address, 0));
        }
        catch (SocketException e)
        {
            throw new SafeKitException($"a reset from {server} to {client} cannot be sent: {e.Message}");
        }
    }

    private static byte[] Build(IPEndPoint server, IPEndPoint client, uint sequence)
    {
        byte[] packet = PacketBuilder.Ethernet(default, default)
            .Ip(server.Address, client.Address, Tcp)
            .Tcp((ushort)server.Port, (ushort)client.Port, TcpFlags.Reset, sequence)
            .Build()[EthernetBytes..];
        int addressesBytes = 2 * server.Address.GetAddressBytes().Length;
        int messageOffset = packet.Length - 20;
        InternetChecksum.Fill(packet.AsSpan(messageOffset), ChecksumOffset, packet.AsSpan(messageOffset - addressesBytes, addressesBytes), Tcp);
        return packet;
    }
}
