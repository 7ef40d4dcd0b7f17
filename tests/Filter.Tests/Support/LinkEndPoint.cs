using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SafeKit.Filter.Tests.Support;

/// <summary><c>struct sockaddr_ll</c>: all protocols on one interface.</summary>
internal sealed class LinkEndPoint(int ifindex) : EndPoint
{
    private const int SocketAddressBytes = 20;
    private const ushort AllProtocols = 3;

    public override AddressFamily AddressFamily => AddressFamily.Packet;

    public override SocketAddress Serialize()
    {
        var address = new SocketAddress(AddressFamily.Packet, SocketAddressBytes);
        Span<byte> bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], AllProtocols);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], ifindex);
        return address;
    }
}
