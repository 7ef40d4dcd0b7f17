using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>stdio.h.</summary>
internal static unsafe partial class LibC
{
    public const uint RENAME_NOREPLACE = 1;
    public const uint RENAME_EXCHANGE = 2;
    public const uint RENAME_WHITEOUT = 4;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int renameat2(int directory, byte* name, int otherDirectory, byte* otherName, uint flags);
}
