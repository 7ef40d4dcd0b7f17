using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>struct statfs of a 64-bit system.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct Statfs
{
    public long Type;
    public long BlockSize;
    public ulong Blocks;
    public ulong BlocksFree;
    public ulong BlocksAvailable;
    public ulong Files;
    public ulong FilesFree;
    public ulong FileSystemId;
    public long NameBytesMax;
    public long FragmentSize;
    public long Flags;
}
