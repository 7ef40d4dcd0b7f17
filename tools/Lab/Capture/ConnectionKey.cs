using System.Runtime.InteropServices;

namespace SafeKit.Lab.Capture;

/// <summary>A connection to a virtual address; its first sequence number tells it from a later one on the same ports.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ConnectionKey(UInt128 Client, ushort ClientPort, UInt128 Virtual, ushort Port);
