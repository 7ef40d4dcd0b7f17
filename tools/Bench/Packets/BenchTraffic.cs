using System.Net;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Filter;
using SafeKit.Filter.Packets;

namespace SafeKit.Bench.Packets;

/// <summary>The addresses, ports and frames of the benchmark: RFC 2544 and RFC 4193 ranges, nobody's.</summary>
internal static class BenchTraffic
{
    public const ushort WebPort = 80;
    public const ushort DatagramPort = 5000;

    /// <summary><c>CLIENTS</c> of <c>ebpf/bench.bpf.c</c>.</summary>
    public const int Clients = 65536;

    private const int EthernetBytes = 14;
    private const int Ipv4Bytes = 20;
    private const byte Udp = 17;
    private const ulong HashSeed = 0x5afe_1234_5678_9abc;

    /// <summary>The shortest that Ethernet carries, without its checksum: 60 bytes over IPv4.</summary>
    private const ushort PayloadBytes = 18;

    public static readonly IPAddress Address = IPAddress.Parse("198.18.0.10");
    public static readonly IPAddress Address6 = IPAddress.Parse("fd5a:fe::10");
    public static readonly MacAddress ClientMac = MacAddress.Parse("02:00:00:00:ff:01");

    private static readonly IPAddress _refused = IPAddress.Parse("127.19.0.0");

    /// <summary>A client of the generated traffic.</summary>
    public static IPAddress Client(int number, TrafficKind kind) =>
        IPAddress.Parse(kind == TrafficKind.Ipv6 ? $"fd5a:fe:1::{number:x}" : $"198.19.{number >> 8}.{number & 0xff}");

    /// <summary>A datagram of client 0, which the generator overwrites with others.</summary>
    public static byte[] Datagram(MacAddress destination, TrafficKind kind) =>
        PacketBuilder.Ethernet(destination, ClientMac)
            .Ip(kind == TrafficKind.Ipv4Refused ? _refused : Client(0, kind), kind == TrafficKind.Ipv6 ? Address6 : Address, Udp)
            .Udp(1, DatagramPort, PayloadBytes)
            .Build();

    /// <summary>The sum that the generator completes to the header's checksum; only IPv4 has one.</summary>
    public static uint HeaderSum(ReadOnlySpan<byte> frame)
    {
        uint sum = 0;
        // Client 0 has a low half of 0, and of the checksum's own field the template's value is left out.
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(frame.Slice(EthernetBytes, Ipv4Bytes));
        for (int i = 0; i < words.Length; i++)
            sum += i == 5 ? 0u : words[i];
        return sum;
    }

    /// <summary>One module with a rule each for TCP and UDP on two addresses.</summary>
    public static FilterPlan Plan(string device)
    {
        FilterRule[] rules =
        [
            new(RuleProtocol.Tcp, WebPort, HashInput.Address, 0),
            new(RuleProtocol.Udp, DatagramPort, HashInput.Address, 0),
        ];
        FilterAddress[] addresses =
        [
            new(Address, device, MacAddress.ForVirtualAddress(Address), rules) { AnswersSyns = true },
            new(Address6, device, MacAddress.ForVirtualAddress(Address6), rules) { AnswersSyns = true },
        ];
        return new FilterPlan(HashSeed, [new FilterInterface(device)], addresses, [new FilterGroup(0, "bench")]);
    }

    /// <summary>The bucket of a client in <see cref="Plan"/>.</summary>
    public static int Bucket(IPAddress client) => (int)FilterHash.Bucket(HashSeed, client, 0, HashInput.Address, 0);
}
