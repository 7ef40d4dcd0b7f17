using System.Buffers.Binary;
using System.Net;

namespace SafeKit.Lab.Topology;

/// <summary>The lab's address plan: the same in every lab, since nothing of it is visible outside.</summary>
public static class LabAddresses
{
    public const int WebPort = 80;
    public const string VirtualMac = "5a:fe:0a:63:00:64";

    public static IPAddress Virtual4 { get; } = IPAddress.Parse("10.99.0.100");

    public static IPAddress Virtual6 { get; } = IPAddress.Parse("fd99::100");

    public static IPEndPoint Web4 { get; } = new(Virtual4, WebPort);

    public static IPEndPoint Web6 { get; } = new(Virtual6, WebPort);

    /// <summary>An IPv4 address as a number in host order.</summary>
    public static uint NumberOf(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    public static string Node4(int number) => $"10.99.0.{10 + number}";

    public static string Node6(int number) => $"fd99::{10 + number}";

    /// <summary>Address on the second heartbeat network.</summary>
    public static string NodeSecondLan(int number) => $"10.98.0.{10 + number}";

    public static string NodeMac(int number) => $"02:00:00:00:00:{10 + number:x2}";

    public static string Client4(int number) => $"10.99.0.{20 + number}";

    public static string Client6(int number) => $"fd99::{20 + number}";

    public static string ClientMac(int number) => $"02:00:00:00:01:{10 + number:x2}";
}
