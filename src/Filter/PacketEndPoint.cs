using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SafeKit.Filter;

/// <summary><c>struct sockaddr_ll</c> of <c>linux/if_packet.h</c>: all protocols on one interface, or one, in network byte order.</summary>
internal sealed class PacketEndPoint(int interfaceIndex, ushort protocol = PacketEndPoint.AllProtocols) : EndPoint
{
    /// <summary>ETH_P_ALL of <c>linux/if_ether.h</c>, in network byte order as the kernel wants it.</summary>
    public const int AllProtocols = 0x0300;

    private const int SizeBytes = 20;

    public override AddressFamily AddressFamily => AddressFamily.Packet;

    public override SocketAddress Serialize()
    {
        var address = new SocketAddress(AddressFamily.Packet, SizeBytes);
        Span<byte> fields = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16LittleEndian(fields[2..], protocol);
        BinaryPrimitives.WriteInt32LittleEndian(fields[4..], interfaceIndex);
        return address;
    }
}
