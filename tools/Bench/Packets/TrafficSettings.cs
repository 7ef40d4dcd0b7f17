using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets;

/// <summary><c>struct traffic</c> of <c>ebpf/bench.bpf.c</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TrafficSettings
{
    public uint Ifindex;
    public uint Sequence;
    public uint HeaderSum;
    public uint Unused;
}
