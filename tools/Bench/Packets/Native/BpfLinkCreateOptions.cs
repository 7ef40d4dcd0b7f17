using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets.Native;

/// <summary>The beginning of <c>struct bpf_link_create_opts</c>; libbpf takes the rest as zero, by the size.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BpfLinkCreateOptions
{
    public nuint Size;
    public uint Flags;
    public uint Padding;
}
