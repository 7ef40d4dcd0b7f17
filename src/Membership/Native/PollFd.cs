using System.Runtime.InteropServices;

namespace SafeKit.Membership.Native;

/// <summary><c>struct pollfd</c> of <c>poll.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollFd
{
    public int Fd;
    public short Events;
    public short Returned;
}
