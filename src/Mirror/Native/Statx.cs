using System.Runtime.InteropServices;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Native;

/// <summary>struct statx of linux/stat.h: the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    [FieldOffset(0x00)] public uint Mask;
    [FieldOffset(0x04)] public uint BlockSize;
    [FieldOffset(0x08)] public ulong Attributes;
    [FieldOffset(0x10)] public uint Links;
    [FieldOffset(0x14)] public uint UserId;
    [FieldOffset(0x18)] public uint GroupId;
    [FieldOffset(0x1C)] public ushort Mode;
    [FieldOffset(0x20)] public ulong Inode;
    [FieldOffset(0x28)] public ulong Size;
    [FieldOffset(0x30)] public ulong Blocks;
    [FieldOffset(0x38)] public ulong AttributesMask;
    [FieldOffset(0x40)] public StatxTime Atime;
    [FieldOffset(0x50)] public StatxTime Btime;
    [FieldOffset(0x60)] public StatxTime Ctime;
    [FieldOffset(0x70)] public StatxTime Mtime;
    [FieldOffset(0x80)] public uint RdevMajor;
    [FieldOffset(0x84)] public uint RdevMinor;
    [FieldOffset(0x88)] public uint DevMajor;
    [FieldOffset(0x8C)] public uint DevMinor;
    [FieldOffset(0x90)] public ulong MountId;

    public readonly uint Type => Mode & LibC.S_IFMT;

    public readonly bool IsDirectory => Type == LibC.S_IFDIR;

    public readonly bool IsRegular => Type == LibC.S_IFREG;

    public readonly ulong Device => ((ulong)DevMajor << 32) | DevMinor;

    /// <summary>Device number of a special file as makedev(3) packs it, for mknodat and <see cref="OperationHeader.Device"/>; 32 bits hold every number of Linux.</summary>
    public readonly uint Rdev => (RdevMinor & 0xFF) | (RdevMajor << 8) | ((RdevMinor & ~0xFFu) << 12);

    public readonly long MtimeNs => Mtime.Nanoseconds;
}
