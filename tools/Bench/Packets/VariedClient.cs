using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets;

/// <summary><c>struct varied_client</c> of <c>ebpf/bench.bpf.c</c>: where a packet seems to come from, its address in host order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct VariedClient(uint address, ushort port)
{
    /// <summary><c>VARIED_MAX</c>.</summary>
    public const int Max = 262_144;

    public readonly uint Address = BinaryPrimitives.ReverseEndianness(address);
    public readonly ushort Port = BinaryPrimitives.ReverseEndianness(port);
    public readonly ushort Unused = 0;
}
