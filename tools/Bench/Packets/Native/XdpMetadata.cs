using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets.Native;

/// <summary><c>struct xdp_md</c> of linux/bpf.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct XdpMetadata
{
    public uint Data;
    public uint DataEnd;
    public uint DataMeta;
    public uint IngressIfindex;
    public uint RxQueueIndex;
    public uint EgressIfindex;
}
