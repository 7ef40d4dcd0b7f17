using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Filter;
using SafeKit.Filter.Packets;

namespace SafeKit.Daemon.Farm;

/// <summary>The packet that a trace asks about: the first of a connection, as the client would send it.</summary>
public sealed record TracePacket(IPAddress Client, ushort ClientPort, IPAddress VirtualAddress, ushort Port, RuleProtocol Protocol)
{
    /// <summary>Stands for the client's: the filter does not look at it.</summary>
    private static readonly MacAddress _anyMac = new(0x02_00_00_00_00_01);

    /// <exception cref="SafeKitException">An address or port is malformed, or the families differ.</exception>
    public static TracePacket From(TraceRequest request)
    {
        var client = Address(request.Client);
        var virtualAddress = Address(request.VirtualAddress);
        if (client.AddressFamily != virtualAddress.AddressFamily)
            throw new SafeKitException($"{client} cannot reach {virtualAddress}: one is IPv4, the other IPv6");
        var protocol = request.Protocol switch
        {
            "tcp" => RuleProtocol.Tcp,
            "udp" => RuleProtocol.Udp,
            _ => throw new SafeKitException($"the protocol is tcp or udp, not '{request.Protocol}'"),
        };
        return new TracePacket(client, Port16(request.ClientPort), virtualAddress, Port16(request.Port), protocol);
    }

    /// <summary>Refuses a question whose answer depends on what it leaves open.</summary>
    public void CheckAgainst(FilterAddress address)
    {
        var rule = address.Rules.FirstOrDefault(r => r.Protocol == Protocol && (r.Port is null || r.Port == Port));
        if (rule is { Input: HashInput.AddressAndPort } && ClientPort == 0)
        {
            throw new SafeKitException(
                $"{VirtualAddress}:{Port} is balanced by session (filter=\"on_port\"): give the client's port too, like {Client}:40000");
        }
    }

    public byte[] Frame(MacAddress virtualMac)
    {
        var frame = PacketBuilder.Ethernet(virtualMac, _anyMac).Ip(Client, VirtualAddress, (byte)Protocol);
        return (Protocol == RuleProtocol.Udp
            ? frame.Udp(ClientPort, Port)
            : frame.Tcp(ClientPort, Port, TcpFlags.Syn)).Build();
    }

    private static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
            ? address
            : throw new SafeKitException($"'{text}' is not an IP address");

    private static ushort Port16(int port) =>
        port is >= 0 and <= ushort.MaxValue ? (ushort)port : throw new SafeKitException($"{port} is not a port: 0 to 65535");
}
