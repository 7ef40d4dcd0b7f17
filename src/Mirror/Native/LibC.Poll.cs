using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>poll.h.</summary>
internal static unsafe partial class LibC
{
    public const short POLLIN = 1;
    public const short POLLOUT = 4;
    public const short POLLERR = 8;
    public const short POLLHUP = 16;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollFd* fds, nuint count, int timeoutMs);
}
