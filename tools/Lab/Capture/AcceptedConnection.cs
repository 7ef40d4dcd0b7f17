using System.Runtime.InteropServices;

namespace SafeKit.Lab.Capture;

/// <summary>A SYN-ACK on the wire: who accepted a connection, and when in monotonic nanoseconds.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AcceptedConnection(long AtNs, string Node, ConnectionKey Connection);
