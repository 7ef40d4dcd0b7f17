using System.Net;
using System.Net.Sockets;
using SafeKit.Bench.Packets.Native;
using SafeKit.Filter;

namespace SafeKit.Bench.Packets;

/// <summary>
/// A host in a namespace of its own behind veth, which takes some of the traffic and drops the rest in its own way. What
/// it takes ends in a socket that nobody reads, the same for all.
/// </summary>
internal abstract class PacketReceiver : IDisposable
{
    public const string Device = "eth0";

    private const int SocketBufferBytes = 2304;

    private readonly List<Socket> _sockets = [];
    private readonly MacAddress _ownMac;

    protected PacketReceiver(PacketGenerator generator, int number)
    {
        _ownMac = new MacAddress(0x02_00_00_00_00_00UL | (uint)number);
        generator.Network.Enter();
        Network = BenchNetwork.CreateAndEnter();
        generator.Network.Enter();
        string sendingEnd = $"to{number}";
        BenchNetwork.Command(null, "ip", "link", "add", sendingEnd, "address", $"{BenchTraffic.ClientMac}", "type", "veth",
            "peer", "name", Device, "address", $"{_ownMac}", "netns", Network.Path);
        BenchNetwork.Command(null, "ip", "link", "set", sendingEnd, "up");
        SendingIfindex = LibC.if_nametoindex(sendingEnd);
        Network.Enter();
        BenchNetwork.Command(
            $"""
            link set lo up
            link set {Device} up
            address add 198.18.0.1/24 dev {Device}
            route add default dev {Device}
            address add fd5a:fe::1/64 dev {Device} nodad
            route add ::/0 dev {Device}

            """,
            "ip", "-batch", "-");
        // A receiver inherits this from the host; writing to the log would be measured.
        foreach (string scope in new[] { "all", Device })
            File.WriteAllText($"/proc/sys/net/ipv4/conf/{scope}/log_martians", "0");
        // Without it veth has no queue to receive redirected frames in, and only an interface that is up gets one.
        // Network cards have it on as well.
        BenchNetwork.Command(null, "ethtool", "-K", Device, "gro", "on");
    }

    /// <summary>The end in the generator's namespace that leads here.</summary>
    public uint SendingIfindex { get; }

    protected BenchNetwork Network { get; }

    /// <summary>To which MAC the traffic goes.</summary>
    public virtual MacAddress DestinationMac(bool isIpv6) => _ownMac;

    /// <summary>What has arrived, and how much of it the stack got.</summary>
    public (long Received, long Delivered) ReadCounters()
    {
        Network.Enter();
        return (BenchNetwork.PacketsReceived(Device), BenchNetwork.PacketsDelivered());
    }

    public virtual void Dispose()
    {
        foreach (Socket socket in _sockets)
            socket.Dispose();
        Network.Dispose();
    }

    /// <summary>The virtual addresses of a receiver for which nobody else sets them up.</summary>
    protected static void AddAddresses() =>
        BenchNetwork.Command($"address add {BenchTraffic.Address}/32 dev lo\naddress add {BenchTraffic.Address6}/128 dev lo nodad\n",
            "ip", "-batch", "-");

    /// <summary>Where taken datagrams end: the buffer is full at once, and each is dropped after its socket was found.</summary>
    protected void OpenSockets()
    {
        foreach (IPAddress address in new[] { BenchTraffic.Address, BenchTraffic.Address6 })
        {
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = SocketBufferBytes };
            _sockets.Add(socket);
            socket.Bind(new IPEndPoint(address, BenchTraffic.DatagramPort));
        }
    }
}
