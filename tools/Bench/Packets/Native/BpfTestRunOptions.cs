using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets.Native;

/// <summary><c>struct bpf_test_run_opts</c> of bpf/bpf.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct BpfTestRunOptions
{
    public nuint Size;
    public void* DataIn;
    public void* DataOut;
    public uint DataSizeIn;
    public uint DataSizeOut;
    public void* ContextIn;
    public void* ContextOut;
    public uint ContextSizeIn;
    public uint ContextSizeOut;
    public uint ReturnValue;
    public int Repeat;
    public uint DurationNs;
    public uint Flags;
    public uint Cpu;
    public uint BatchSize;
}
