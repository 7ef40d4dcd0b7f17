using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Fuse.Ring;

/// <summary>Structures of linux/io_uring.h, and of linux/fuse.h those of FUSE over io_uring.</summary>
internal static class RingAbi
{
    public const uint SetupClamp = 1 << 4;
    public const uint SetupDisabled = 1 << 6;
    public const uint SetupSqe128 = 1 << 10;
    public const uint SetupSingleIssuer = 1 << 12;
    public const uint SetupDeferTaskRun = 1 << 13;
    public const uint SetupNoSqArray = 1 << 16;
    public const uint EnterGetEvents = 1;
    public const uint RegisterEnableRings = 12;
    public const long SqesOffset = 0x10000000;
    public const int SqeBytes = 128;

    public const byte OpRead = 22;
    public const byte OpUringCommand = 46;
    public const uint FuseRegister = 1;
    public const uint FuseCommitAndFetch = 2;

    [StructLayout(LayoutKind.Sequential)]
    public struct SqOffsets
    {
        public uint Head;
        public uint Tail;
        public uint Mask;
        public uint Entries;
        public uint Flags;
        public uint Dropped;
        public uint Array;
        public uint Reserved;
        public ulong UserAddress;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct CqOffsets
    {
        public uint Head;
        public uint Tail;
        public uint Mask;
        public uint Entries;
        public uint Overflow;
        public uint Cqes;
        public uint Flags;
        public uint Reserved;
        public ulong UserAddress;
    }

    /// <summary>struct io_uring_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct Parameters
    {
        public uint SqEntries;
        public uint CqEntries;
        public uint Flags;
        public uint SqThreadCpu;
        public uint SqThreadIdle;
        public uint Features;
        public uint WorkQueueFd;
        public fixed uint Reserved[3];
        public SqOffsets Sq;
        public CqOffsets Cq;
    }

    /// <summary>struct io_uring_sqe of 128 bytes, with struct fuse_uring_cmd_req in its command.</summary>
    [StructLayout(LayoutKind.Explicit, Size = SqeBytes)]
    public unsafe struct Sqe
    {
        [FieldOffset(0)]
        public byte Opcode;

        [FieldOffset(4)]
        public int Descriptor;

        [FieldOffset(8)]
        public ulong Offset;

        /// <summary>Of a command, in the place of the offset.</summary>
        [FieldOffset(8)]
        public uint Command;

        [FieldOffset(16)]
        public void* Address;

        [FieldOffset(24)]
        public uint Length;

        [FieldOffset(32)]
        public ulong UserData;

        [FieldOffset(48)]
        public ulong CommandFlags;

        [FieldOffset(56)]
        public ulong CommitId;

        [FieldOffset(64)]
        public ushort Queue;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Cqe
    {
        public ulong UserData;
        public int Result;
        public uint Flags;
    }

    /// <summary>struct fuse_uring_req_header: header of request or reply, the request's fixed arguments, and what belongs to the ring.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 288)]
    public struct EntryHeaders
    {
        [FieldOffset(0)]
        public FuseAbi.InHeader In;

        [FieldOffset(0)]
        public FuseAbi.OutHeader Out;

        /// <summary>First of 128 bytes.</summary>
        [FieldOffset(128)]
        public byte Fixed;

        [FieldOffset(264)]
        public ulong CommitId;

        [FieldOffset(272)]
        public uint PayloadBytes;
    }
}
