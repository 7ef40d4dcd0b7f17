namespace SafeKit.Mirror.Fuse;

/// <summary>Structures and flags of linux/fuse.h; comments there say what each is for.</summary>
internal static partial class FuseAbi
{
    public const uint Major = 7;
    public const uint Minor = 39;

    /// <summary>Oldest kernel protocol with all that is needed here: HANDLE_KILLPRIV_V2 and FUSE_SETXATTR_EXT (Linux 5.13).</summary>
    public const uint MinorMin = 33;

    public const ulong RootId = 1;

    /// <summary>FUSE_DEV_IOC_CLONE: _IOR(229, 0, uint32_t).</summary>
    public const uint IoctlClone = 0x8004E500;

    public const ulong AsyncRead = 1 << 0;
    public const ulong BigWrites = 1 << 5;
    public const ulong DontMask = 1 << 6;
    public const ulong DoReadDirPlus = 1 << 13;
    public const ulong ReadDirPlusAuto = 1 << 14;
    public const ulong AsyncDio = 1 << 15;
    public const ulong WritebackCache = 1 << 16;
    public const ulong ParallelDirOps = 1 << 18;
    public const ulong PosixAcl = 1 << 20;
    public const ulong MaxPages = 1 << 22;
    public const ulong HandleKillPrivV2 = 1 << 28;
    public const ulong SetXattrExt = 1 << 29;
    public const ulong InitExt = 1 << 30;
    public const ulong DirectIoAllowMmap = 1UL << 36;
    public const ulong OverIoUring = 1UL << 41;

    public const uint AttrMode = 1 << 0;
    public const uint AttrUid = 1 << 1;
    public const uint AttrGid = 1 << 2;
    public const uint AttrSize = 1 << 3;
    public const uint AttrAtime = 1 << 4;
    public const uint AttrMtime = 1 << 5;
    public const uint AttrFh = 1 << 6;
    public const uint AttrAtimeNow = 1 << 7;
    public const uint AttrMtimeNow = 1 << 8;
    public const uint AttrKillSuidgid = 1 << 11;

    public const uint OpenDirectIo = 1 << 0;
    public const uint OpenKeepCache = 1 << 1;
    public const uint OpenParallelDirectWrites = 1 << 6;

    public const uint GetAttrFh = 1 << 0;
    public const uint WriteKillSuidgid = 1 << 2;
    public const uint OpenKillSuidgid = 1 << 0;
    public const uint FsyncDataOnly = 1 << 0;
    public const uint SetXattrAclKillSgid = 1 << 0;
}
