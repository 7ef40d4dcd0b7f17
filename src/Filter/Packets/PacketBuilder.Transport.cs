using System.Net;

namespace SafeKit.Filter.Packets;

/// <summary>TCP, UDP, ICMP, neighbour discovery.</summary>
public sealed partial class PacketBuilder
{
    public PacketBuilder Tcp(ushort source, ushort destination, TcpFlags flags, uint sequence = 1, uint acknowledgement = 0)
    {
        Append16(source);
        Append16(destination);
        Append32(sequence);
        Append32(acknowledgement);
        Payload(5 << 4, (byte)flags);
        Append16(0xffff);
        Append32(0);
        return this;
    }

    public PacketBuilder Udp(ushort source, ushort destination, ushort payloadBytes = 0)
    {
        Append16(source);
        Append16(destination);
        Append16((ushort)(8 + payloadBytes));
        Append16(0);
        return Payload(new byte[payloadBytes]);
    }

    /// <summary>ICMP or ICMPv6 header of eight bytes.</summary>
    public PacketBuilder Icmp(byte type, byte code = 0, uint rest = 0)
    {
        Payload(type, code);
        Append16(0);
        Append32(rest);
        return this;
    }

    /// <summary>Neighbour solicitation (135) or advertisement (136), with a link-layer address option if one is given.</summary>
    public PacketBuilder Neighbour(byte type, IPAddress target, MacAddress? option = null, byte code = 0)
    {
        Icmp(type, code);
        AppendAddress(target);
        if (option is { } mac)
        {
            Payload((byte)(type == 135 ? 1 : 2), 1);
            Append(MacAddress.Bytes, mac.Write);
        }
        return this;
    }
}
