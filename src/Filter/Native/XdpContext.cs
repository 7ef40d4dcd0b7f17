using System.Runtime.InteropServices;

namespace SafeKit.Filter.Native;

/// <summary><c>struct xdp_md</c> of linux/bpf.h, as the input of a test run: says on which interface a packet came.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct XdpContext
{
    public uint Data;
    public uint DataEnd;
    public uint DataMeta;
    public uint IngressIfindex;
    public uint ReceiveQueueIndex;
    public uint EgressIfindex;
}
