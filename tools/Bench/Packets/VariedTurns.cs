using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets;

/// <summary><c>struct turns</c> of <c>ebpf/bench.bpf.c</c>: how many of <see cref="VariedClient"/> take turns, and whose it is.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VariedTurns
{
    public uint Clients;
    public uint Next;
}
