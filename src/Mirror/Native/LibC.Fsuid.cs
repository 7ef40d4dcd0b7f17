using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>sys/fsuid.h: of the calling thread alone; both return the identity before and never fail with an errno.</summary>
internal static partial class LibC
{
    [LibraryImport("libc")]
    public static partial int setfsuid(uint user);

    [LibraryImport("libc")]
    public static partial int setfsgid(uint group);
}
