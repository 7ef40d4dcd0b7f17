using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollFd
{
    public int Fd;
    public short Events;
    public short Results;
}
