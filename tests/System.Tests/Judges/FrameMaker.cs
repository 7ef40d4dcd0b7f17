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

    public static byte[] ToVirtual(ushort clientPort, byte flags, uint sequence) =>
        Tcp(
            LabAddresses.ClientMac(1), LabAddresses.Client4(1), clientPort,
            LabAddresses.Virtual4.ToString(), LabAddresses.WebPort, flags, sequence, acknowledgement: 0);

    public static byte[] FromVirtual(int node, ushort clientPort, byte flags, uint acknowledgement) =>
        Tcp(
            LabAddresses.NodeMac(node), LabAddresses.Virtual4.ToString(), LabAddresses.WebPort,
            LabAddresses.Client4(1), clientPort, flags, sequence: 1, acknowledgement);

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
        string mac, string source, int sourcePort, string destination, int destinationPort, byte flags, uint sequence, uint acknowledgement)
    {
        var frame = new byte[14 + 20 + 20];
        Ethernet(frame, mac, WireFrame.EtherTypeIPv4);
        frame[14] = 0x45;
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
