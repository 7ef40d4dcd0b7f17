using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets;

/// <summary><c>struct varied_client</c> of <c>ebpf/bench.bpf.c</c>: where a packet seems to come from.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct VariedClient(IPAddress address, int port)
{
    /// <summary><c>VARIED_MAX</c>.</summary>
    public const int Max = 262_144;

    public readonly uint Address = BitConverter.ToUInt32(address.GetAddressBytes());
    public readonly ushort Port = BinaryPrimitives.ReverseEndianness((ushort)port);
    public readonly ushort Unused = 0;
}
