using System.Runtime.InteropServices;

namespace SafeKit.Filter.Native;

/// <summary><c>struct bpf_tc_opts</c>: a filter on a <see cref="BpfTcHook"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BpfTcOptions
{
    public nuint Size;
    public int Program;
    public uint Flags;
    public uint ProgramId;
    public uint Handle;
    public uint Priority;
    public uint Padding;
}
