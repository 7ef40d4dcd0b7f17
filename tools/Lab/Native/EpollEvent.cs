using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary><c>struct epoll_event</c> of sys/epoll.h; packed on x86-64 and only there, the one architecture the lab is tried on.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct EpollEvent
{
    public const uint Readable = 1;

    public uint Events;
    public long Data;
}
