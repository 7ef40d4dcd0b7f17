using System.Buffers.Binary;
using System.Net;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Judges;

/// <summary>Makes the frames that the judge must tell apart.</summary>
internal static class FrameMaker
{
    public const byte Syn = WireFrame.FlagSyn;
    public const byte SynAck = WireFrame.FlagSyn | WireFrame.FlagAck;
    public const byte Ack = WireFrame.FlagAck;
    public const byte Rst = WireFrame.FlagRst;

    public static byte[] ToVirtual(ushort clientPort, byte flags, uint sequence, int bytes = 0) =>
        Tcp(
            LabAddresses.ClientMac(1), LabAddresses.Client4(1), clientPort,
            LabAddresses.Virtual4.ToString(), LabAddresses.WebPort, flags, sequence, acknowledgement: 0, bytes);

    public static byte[] FromVirtual(int node, ushort clientPort, byte flags, uint acknowledgement) =>
        Tcp(
            LabAddresses.NodeMac(node), LabAddresses.Virtual4.ToString(), LabAddresses.WebPort,
            LabAddresses.Client4(1), clientPort, flags, sequence: 1, acknowledgement);

    /// <summary>An echo request of the client (node 0), or a node's reply.</summary>
    public static byte[] Echo(int node, ushort number)
    {
        var frame = new byte[14 + 20 + 8];
        Ethernet(frame, node == 0 ? LabAddresses.ClientMac(1) : LabAddresses.NodeMac(node), WireFrame.EtherTypeIPv4);
        frame[14] = 0x45;
        frame[14 + 9] = WireFrame.IcmpV4;
        var client = IPAddress.Parse(LabAddresses.Client4(1)).GetAddressBytes();
        (node == 0 ? client : LabAddresses.Virtual4.GetAddressBytes()).CopyTo(frame, 14 + 12);
        (node == 0 ? LabAddresses.Virtual4.GetAddressBytes() : client).CopyTo(frame, 14 + 16);
        frame[34] = (byte)(node == 0 ? 8 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(40), number);
        return frame;
    }

    public static byte[] Arp(string sourceMac, string toldMac, string toldAddress)
    {
        var frame = new byte[42];
        Ethernet(frame, sourceMac, WireFrame.EtherTypeArp);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), 2);
        MacBytes(toldMac).CopyTo(frame, 22);
        IPAddress.Parse(toldAddress).GetAddressBytes().CopyTo(frame, 28);
        return frame;
    }

    public static byte[] Advertisement(string sourceMac, string toldMac, string toldAddress)
    {
        var frame = new byte[14 + 40 + 32];
        Ethernet(frame, sourceMac, WireFrame.EtherTypeIPv6);
        frame[14 + 6] = WireFrame.IcmpV6;
        frame[54] = 136;
        IPAddress.Parse(toldAddress).GetAddressBytes().CopyTo(frame, 54 + 8);
        frame[54 + 24] = 2;
        frame[54 + 25] = 1;
        MacBytes(toldMac).CopyTo(frame, 54 + 26);
        return frame;
    }

    private static byte[] Tcp(
        string mac, string source, int sourcePort, string destination, int destinationPort, byte flags, uint sequence, uint acknowledgement,
        int bytes = 0)
    {
        var frame = new byte[14 + 20 + 20 + bytes];
        Ethernet(frame, mac, WireFrame.EtherTypeIPv4);
        frame[14] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(frame.Length - 14));
        frame[14 + 9] = WireFrame.Tcp;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(frame, 14 + 12);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(frame, 14 + 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(34), (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(36), (ushort)destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(42), acknowledgement);
        frame[46] = 0x50;
        frame[47] = flags;
        return frame;
    }

    private static void Ethernet(byte[] frame, string sourceMac, ushort type)
    {
        MacBytes(sourceMac).CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), type);
    }

    private static byte[] MacBytes(string mac) => Convert.FromHexString(mac.Replace(":", ""));
}
