using SafeKit.Filter.Packets;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Crowd;

/// <summary>Which addresses and ports a crowd's clients have: many of both, nobody's (RFC 2544).</summary>
public static class CrowdAddresses
{
    public const string Network = "198.18.0.0/15";

    private const uint FirstAddress = (198u << 24) | (18u << 16) | 1;
    private const int FirstPort = 10_000;
    private const int PortsPerAddress = 50_000;

    /// <summary>Both ends of a connection, as a segment of its client has them.</summary>
    public static TcpSegment EndsOf(int number) => new(
        FirstAddress + (uint)(number / PortsPerAddress),
        (ushort)(FirstPort + number % PortsPerAddress),
        LabAddresses.NumberOf(LabAddresses.Virtual4),
        LabAddresses.WebPort,
        0,
        0,
        TcpFlags.None);

    /// <summary>To whose connection a segment from the server belongs; below 0: to nobody's.</summary>
    public static int NumberOf(in TcpSegment segment)
    {
        var address = (long)segment.Destination - FirstAddress;
        var port = segment.DestinationPort - FirstPort;
        if (address is < 0 or >= int.MaxValue / PortsPerAddress || port is < 0 or >= PortsPerAddress)
            return -1;
        return (int)address * PortsPerAddress + port;
    }
}
