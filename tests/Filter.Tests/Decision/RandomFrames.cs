using System.Net;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>Random packets, most of them to the virtual addresses of <see cref="World"/>; some with random damage.</summary>
internal static class RandomFrames
{
    private static readonly IPAddress[] _targets4 = [World.Vip, World.Vip, World.Wild, World.Bare, World.Node];
    private static readonly IPAddress[] _targets6 = [World.Vip6, World.Vip6, World.Node6];
    private static readonly ushort[] _ports = [80, 80, 443, 53, 5000, 22, 9999];
    private static readonly byte[][] _table = [.. PacketTable.All.Values.Select(row => row.Frame)];

    public static byte[] Next(Random random)
    {
        byte[] frame = random.Next(4) switch
        {
            0 => [.. _table[random.Next(_table.Length)]],
            1 => Transport(random, v6: true),
            _ => Transport(random, v6: false),
        };
        if (random.Next(4) == 0)
            Damage(random, frame);
        return frame.Length < LoadedFilter.FrameBytesMin || random.Next(20) != 0
            ? frame
            : frame[..random.Next(LoadedFilter.FrameBytesMin, frame.Length + 1)];
    }

    private static byte[] Transport(Random random, bool v6)
    {
        IPAddress client = RandomAddress(random, v6);
        IPAddress target = v6 ? _targets6[random.Next(_targets6.Length)] : _targets4[random.Next(_targets4.Length)];
        ushort source = (ushort)random.Next(1, 65536);
        ushort port = _ports[random.Next(_ports.Length)];
        PacketBuilder frame = PacketBuilder.Ethernet(World.VirtualMac, World.ClientMac);
        bool isTcp = random.Next(2) == 0;
        byte protocol = isTcp ? PacketTable.TcpProtocol : PacketTable.UdpProtocol;
        frame = v6
            ? frame.Ip(client, target, protocol)
            : frame.Ipv4(client, target, protocol, (ushort)random.Next(65536), optionWords: random.Next(8) == 0 ? random.Next(11) : 0);
        return (isTcp ? frame.Tcp(source, port, (TcpFlags)random.Next(32)) : frame.Udp(source, port)).Build();
    }

    private static IPAddress RandomAddress(Random random, bool v6)
    {
        byte[] bytes = new byte[v6 ? 16 : 4];
        random.NextBytes(bytes);
        return new IPAddress(bytes);
    }

    private static void Damage(Random random, byte[] frame)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
            frame[random.Next(12, Math.Min(frame.Length, 90))] = (byte)random.Next(256);
    }
}
