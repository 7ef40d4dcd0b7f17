using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Fuse;

/// <content>What the kernel is answered.</content>
internal static partial class FuseAbi
{
    [StructLayout(LayoutKind.Sequential)]
    public struct OutHeader
    {
        public uint Length;
        public int Error;
        public ulong Unique;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    public struct InitOut
    {
        public uint Major;
        public uint Minor;
        public uint ReadAheadMax;
        public uint Flags;
        public ushort BackgroundMax;
        public ushort CongestionThreshold;
        public uint WriteBytesMax;
        public uint TimeGranularityNs;
        public ushort PagesMax;
        public ushort MapAlignment;
        public uint Flags2;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Attr
    {
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong Atime;
        public ulong Mtime;
        public ulong Ctime;
        public uint AtimeNs;
        public uint MtimeNs;
        public uint CtimeNs;
        public uint Mode;
        public uint Links;
        public uint User;
        public uint Group;
        public uint Device;
        public uint BlockSize;
        public uint Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct AttrOut
    {
        public ulong ValidSeconds;
        public uint ValidNs;
        public uint Padding;
        public Attr Attr;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct EntryOut
    {
        public ulong Node;
        public ulong Generation;
        public ulong EntryValidSeconds;
        public ulong AttrValidSeconds;
        public uint EntryValidNs;
        public uint AttrValidNs;
        public Attr Attr;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct OpenOut
    {
        public ulong Handle;
        public uint OpenFlags;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct CreateOut
    {
        public EntryOut Entry;
        public OpenOut Open;
    }

    /// <summary>Of WRITE, and of GETXATTR and LISTXATTR that ask for a size.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SizeOut
    {
        public uint Size;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential, Size = 80)]
    public struct StatFsOut
    {
        public ulong Blocks;
        public ulong BlocksFree;
        public ulong BlocksAvailable;
        public ulong Files;
        public ulong FilesFree;
        public uint BlockSize;
        public uint NameBytesMax;
        public uint FragmentSize;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LseekOut
    {
        public ulong Offset;
    }

    /// <summary>Fixed part of struct fuse_dirent; the name follows, then bytes of 0 up to a multiple of 8.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Dirent
    {
        public ulong Inode;
        public ulong Offset;
        public uint NameBytes;
        public uint Type;
    }

    /// <summary>Before the struct statx of STATX.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    public struct StatxOut
    {
        public ulong ValidSeconds;
        public uint ValidNs;
        public uint Flags;
    }
}
