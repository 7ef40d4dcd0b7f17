using System.Runtime.InteropServices;

namespace SafeKit.Filter.Native;

/// <summary><c>struct bpf_tc_hook</c>: a classic queueing discipline (clsact) of an interface.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BpfTcHook
{
    public nuint Size;
    public int Ifindex;
    public int AttachPoint;
    public uint Parent;
    public uint Padding;
}
