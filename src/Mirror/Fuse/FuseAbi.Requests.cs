using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Fuse;

/// <content>What the kernel sends.</content>
internal static partial class FuseAbi
{
    [StructLayout(LayoutKind.Sequential)]
    public struct InHeader
    {
        public uint Length;
        public FuseOpcode Opcode;
        public ulong Unique;
        public ulong Node;
        public uint User;
        public uint Group;
        public uint Process;
        public ushort ExtensionWords;
        public ushort Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct InitIn
    {
        public uint Major;
        public uint Minor;
        public uint ReadAheadMax;
        public uint Flags;
        public uint Flags2;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ForgetOne
    {
        public ulong Node;
        public ulong Lookups;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct BatchForgetIn
    {
        public uint Count;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct GetAttrIn
    {
        public uint Flags;
        public uint Padding;
        public ulong Handle;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct SetAttrIn
    {
        public uint Valid;
        public uint Padding;
        public ulong Handle;
        public ulong Size;
        public ulong LockOwner;
        public ulong Atime;
        public ulong Mtime;
        public ulong Ctime;
        public uint AtimeNs;
        public uint MtimeNs;
        public uint CtimeNs;
        public uint Mode;
        public uint Unused;
        public uint User;
        public uint Group;
        public uint Unused2;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MkNodIn
    {
        public uint Mode;
        public uint Device;
        public uint Umask;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MkDirIn
    {
        public uint Mode;
        public uint Umask;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Rename2In
    {
        public ulong NewParent;
        public uint Flags;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct OpenIn
    {
        public uint Flags;
        public uint OpenFlags;
    }

    /// <summary>Of CREATE and TMPFILE.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CreateIn
    {
        public uint Flags;
        public uint Mode;
        public uint Umask;
        public uint OpenFlags;
    }

    /// <summary>Of READ, READDIR and READDIRPLUS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ReadIn
    {
        public ulong Handle;
        public ulong Offset;
        public uint Size;
        public uint ReadFlags;
        public ulong LockOwner;
        public uint Flags;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct WriteIn
    {
        public ulong Handle;
        public ulong Offset;
        public uint Size;
        public uint WriteFlags;
        public ulong LockOwner;
        public uint Flags;
        public uint Padding;
    }

    /// <summary>Of RELEASE, RELEASEDIR, FLUSH: each begins with the handle.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HandleIn
    {
        public ulong Handle;
    }

    /// <summary>Of FSYNC and FSYNCDIR.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FsyncIn
    {
        public ulong Handle;
        public uint Flags;
        public uint Padding;
    }

    /// <summary>With FUSE_SETXATTR_EXT.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SetXattrIn
    {
        public uint Size;
        public uint Flags;
        public uint SetXattrFlags;
        public uint Padding;
    }

    /// <summary>Of GETXATTR and LISTXATTR.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GetXattrIn
    {
        public uint Size;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct FallocateIn
    {
        public ulong Handle;
        public ulong Offset;
        public ulong Length;
        public uint Mode;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LseekIn
    {
        public ulong Handle;
        public ulong Offset;
        public uint Whence;
        public uint Padding;
    }

    /// <summary>Protocol 7.39.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StatxIn
    {
        public uint Flags;
        public uint Reserved;
        public ulong Handle;
        public uint StatxFlags;
        public uint StatxMask;
    }
}
