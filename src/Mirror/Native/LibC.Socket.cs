using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>sys/socket.h; the handle is held open for the length of a call.</summary>
internal static unsafe partial class LibC
{
    public const int SOL_SOCKET = 1;
    public const int SO_RCVTIMEO = 20;
    public const int SO_SNDTIMEO = 21;
    public const int MSG_NOSIGNAL = 0x4000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(SafeHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(SafeHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(SafeHandle socket, int level, int name, void* value, uint length);
}
