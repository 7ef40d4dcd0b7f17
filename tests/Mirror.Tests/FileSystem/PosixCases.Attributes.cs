using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <content>Attributes, ownership, extended attributes, directories, special files.</content>
internal static partial class PosixCases
{
    private const uint SetUid = LibC.S_ISUID;
    private const uint SetGid = LibC.S_ISGID;
    private const uint Sticky = LibC.S_ISVTX;

    /// <summary>Permissions that are usual in octal.</summary>
    private const uint Rwxrxrx = 0x1ED;
    private const uint Rwrr = 0x1A4;
    private const uint Rwx = 0x1C0;
    private const uint All777 = 0x1FF;

    private const string AclAccess = "system.posix_acl_access";
    private const string AclDefault = "system.posix_acl_default";

    private static (string Name, Action<string> Body)[] Attributes { get; } =
    [
        ("chmod", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", Rwx)); Assert.Equal(Rwx, Mode($"{d}/f")); }),
        ("chmod with set-uid, set-gid and sticky", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", Rwx | SetUid | SetGid | Sticky)); Assert.Equal(Rwx | SetUid | SetGid | Sticky, Mode($"{d}/f")); }),
        ("chmod of a directory", d => { Folder($"{d}/a"); Ok(Posix.ChangeMode($"{d}/a", Rwx | SetGid)); Assert.Equal(Rwx | SetGid, Mode($"{d}/a")); }),
        ("chmod of nothing: ENOENT", d => Fails(Errno.ENOENT, Posix.ChangeMode($"{d}/f", Rwx))),
        ("mode of open(2) and the umask", d => { Posix.As(0, 0, 0x12, () => Put($"{d}/f", mode: All777)); Assert.Equal(Rwxrxrx, Mode($"{d}/f")); }),
        ("mode of mkdir(2) and the umask", d => { Posix.As(0, 0, 0x3F, () => Folder($"{d}/a", All777)); Assert.Equal(Rwx, Mode($"{d}/a")); }),
        ("a umask of 0 takes nothing away", d => { Posix.As(0, 0, 0, () => { Put($"{d}/f", mode: All777); Folder($"{d}/a", All777); Ok(Posix.MakeNode($"{d}/p", LibC.S_IFIFO | All777)); }); Assert.Equal(All777, Mode($"{d}/f")); Assert.Equal(All777, Mode($"{d}/a")); Assert.Equal(All777, Mode($"{d}/p")); }),
        ("utimensat sets both times", d => { Put($"{d}/f"); Ok(Posix.SetTimes($"{d}/f", Timespec.Of(1_000_000_001), Timespec.Of(1_600_000_000_123_456_789))); Assert.Equal(1_600_000_000_123_456_789, Posix.Status($"{d}/f").MtimeNs); Assert.Equal(1_000_000_001, Posix.Status($"{d}/f").Atime.Nanoseconds); }),
        ("utimensat omits", d => { Put($"{d}/f"); Ok(Posix.SetTimes($"{d}/f", Timespec.Of(5), Timespec.Of(6))); Ok(Posix.SetTimes($"{d}/f", Timespec.Omitted, Timespec.Of(7))); Assert.Equal(5, Posix.Status($"{d}/f").Atime.Nanoseconds); Assert.Equal(7, Posix.Status($"{d}/f").MtimeNs); }),
        ("utimensat to now", d => { Put($"{d}/f"); Ok(Posix.SetTimes($"{d}/f", Timespec.Of(5), Timespec.Of(6))); Ok(Posix.SetTimes($"{d}/f", Timespec.Now, Timespec.Now)); Assert.InRange(Posix.Status($"{d}/f").Mtime.Seconds, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1); }),
        ("times before 1970", d => { Put($"{d}/f"); Ok(Posix.SetTimes($"{d}/f", Timespec.Of(-1), Timespec.Of(-1_500_000_000))); Assert.Equal(-1_500_000_000, Posix.Status($"{d}/f").MtimeNs); }),
        ("times of a symbolic link", d => { Put($"{d}/f"); Ok(Posix.SymbolicLink("f", $"{d}/l")); Ok(Posix.SetTimes($"{d}/l", Timespec.Of(5), Timespec.Of(6))); Assert.Equal(6, Posix.Status($"{d}/l").MtimeNs); Assert.NotEqual(6, Posix.Status($"{d}/f").MtimeNs); }),
        ("times of a directory", d => { Folder($"{d}/a"); Ok(Posix.SetTimes($"{d}/a", Timespec.Of(5), Timespec.Of(6))); Assert.Equal(6, Posix.Status($"{d}/a").MtimeNs); }),
        ("a write changes the modification time", d => { Put($"{d}/f"); Ok(Posix.SetTimes($"{d}/f", Timespec.Of(5), Timespec.Of(6))); With(Posix.Open($"{d}/f", LibC.O_WRONLY), fd => Written(1, Posix.Write(fd, Bytes("x"), 0))); Assert.NotEqual(6, Posix.Status($"{d}/f").MtimeNs); }),
        ("a time set after a write stays", d => { With(New($"{d}/f"), fd => { Written(1, Posix.Write(fd, Bytes("x"), 0)); Ok(Posix.SetTimes($"{d}/f", Timespec.Of(5), Timespec.Of(6))); Ok(Posix.Fsync(fd)); }); Assert.Equal(6, Posix.Status($"{d}/f").MtimeNs); }),
        ("chmod does not change the modification time", d => { Put($"{d}/f"); Ok(Posix.SetTimes($"{d}/f", Timespec.Of(5), Timespec.Of(6))); Ok(Posix.ChangeMode($"{d}/f", Rwx)); Assert.Equal(6, Posix.Status($"{d}/f").MtimeNs); }),
        ("truncating by path", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_WRONLY), fd => Ok(Posix.Truncate(fd, 2))); Assert.Equal(2UL, Posix.Status($"{d}/f").Size); }),
        ("link counts of directories", d => { Folder($"{d}/a"); Folder($"{d}/a/b"); Folder($"{d}/a/c"); Assert.Equal(4u, Posix.Status($"{d}/a").Links); Ok(Posix.RemoveDirectory($"{d}/a/b")); Assert.Equal(3u, Posix.Status($"{d}/a").Links); }),
        ("creation changes the parent's modification time", d => { Folder($"{d}/a"); Ok(Posix.SetTimes($"{d}/a", default, default)); Put($"{d}/a/f"); Assert.NotEqual(0, Posix.Status($"{d}/a").MtimeNs); }),
        ("removal changes the parent's modification time", d => { Folder($"{d}/a"); Put($"{d}/a/f"); Ok(Posix.SetTimes($"{d}/a", default, default)); Ok(Posix.Unlink($"{d}/a/f")); Assert.NotEqual(0, Posix.Status($"{d}/a").MtimeNs); }),
        ("a time of birth", d => { Put($"{d}/f"); Assert.NotEqual(0u, Posix.Status($"{d}/f").Mask & LibC.STATX_BTIME); Assert.InRange(Posix.Status($"{d}/f").Btime.Seconds, 1_700_000_000, long.MaxValue); }),
        ("blocks of a written file", d => { With(New($"{d}/f"), fd => { Written(64 << 10, Posix.Write(fd, Pattern(64 << 10), 0)); Ok(Posix.Fsync(fd)); }); Assert.Equal(128UL, Posix.Status($"{d}/f").Blocks); }),
        ("statfs", d => { Statfs s = Posix.FileSystemStatus(d); Assert.Equal(255, s.NameBytesMax); Assert.InRange(s.Blocks, 1000UL, ulong.MaxValue); Assert.InRange(s.BlocksFree, 1UL, s.Blocks); Assert.InRange(s.FilesFree, 1UL, s.Files); }),
    ];

    private static (string Name, Action<string> Body)[] Ownership { get; } =
    [
        ("a new file belongs to its maker", d => { Open777(d); Posix.As(User, OtherUser, 0x12, () => Put($"{d}/f")); Assert.Equal((User, OtherUser), Owner($"{d}/f")); }),
        ("a new directory, link, fifo and symbolic link belong to their maker", d => { Open777(d); Posix.As(User, OtherUser, 0x12, () => { Folder($"{d}/a"); Ok(Posix.SymbolicLink("t", $"{d}/l")); Ok(Posix.MakeNode($"{d}/p", LibC.S_IFIFO | Rwrr)); }); foreach (string n in new[] { "a", "l", "p" }) Assert.Equal((User, OtherUser), Owner($"{d}/{n}")); }),
        ("O_TMPFILE belongs to its maker", d => { Open777(d); Posix.As(User, OtherUser, 0, () => With(Posix.Open(d, LibC.O_TMPFILE | LibC.O_RDWR), fd => Assert.Equal(User, Posix.StatusOf(fd).UserId))); }),
        ("in a set-gid directory the group is the directory's", d => { Folder($"{d}/a", All777); Ok(Posix.ChangeOwner($"{d}/a", 0, 77)); Ok(Posix.ChangeMode($"{d}/a", All777 | SetGid)); Posix.As(User, User, 0x12, () => { Put($"{d}/a/f"); Folder($"{d}/a/b"); }); Assert.Equal((User, 77u), Owner($"{d}/a/f")); Assert.Equal(77u, Owner($"{d}/a/b").Group); Assert.Equal(Rwxrxrx | SetGid, Mode($"{d}/a/b")); }),
        ("others may not create in a directory of 755: EACCES", d => { Folder($"{d}/a"); Posix.As(User, User, 0x12, () => Fails(-Errno.EACCES, Posix.Open($"{d}/a/f", LibC.O_CREAT | LibC.O_RDWR))); }),
        ("others may not write a file of 644: EACCES", d => { Put($"{d}/f"); Open777(d); Posix.As(User, User, 0x12, () => { Fails(-Errno.EACCES, Posix.Open($"{d}/f", LibC.O_RDWR)); Assert.Equal("content", Text($"{d}/f")); }); }),
        ("others may not read a file of 600: EACCES", d => { Put($"{d}/f", mode: 0x180); Posix.As(User, User, 0x12, () => Fails(-Errno.EACCES, Posix.Open($"{d}/f", LibC.O_RDONLY))); }),
        ("others may not look into a directory of 700: EACCES", d => { Folder($"{d}/a", Rwx); Put($"{d}/a/f"); Posix.As(User, User, 0x12, () => Fails(Errno.EACCES, Posix.TryStatus($"{d}/a/f", out _))); }),
        ("others may not change mode, owner or times: EPERM", d => { Put($"{d}/f"); Posix.As(User, User, 0x12, () => { Fails(Errno.EPERM, Posix.ChangeMode($"{d}/f", All777)); Fails(Errno.EPERM, Posix.ChangeOwner($"{d}/f", User, User)); Fails(Errno.EPERM, Posix.SetTimes($"{d}/f", Timespec.Of(1), Timespec.Of(1))); }); }),
        ("a sticky directory protects files of others: EPERM", d => { Folder($"{d}/a", All777); Ok(Posix.ChangeMode($"{d}/a", All777 | Sticky)); Posix.As(User, User, 0, () => Put($"{d}/a/f")); Posix.As(OtherUser, OtherUser, 0, () => { Fails(Errno.EPERM, Posix.Unlink($"{d}/a/f")); Fails(Errno.EPERM, Posix.Rename($"{d}/a/f", $"{d}/a/g")); }); Posix.As(User, User, 0, () => Ok(Posix.Unlink($"{d}/a/f"))); }),
        ("chown", d => { Put($"{d}/f"); Ok(Posix.ChangeOwner($"{d}/f", User, OtherUser)); Assert.Equal((User, OtherUser), Owner($"{d}/f")); }),
        ("chown of one of both", d => { Put($"{d}/f"); Ok(Posix.ChangeOwner($"{d}/f", User, uint.MaxValue)); Ok(Posix.ChangeOwner($"{d}/f", uint.MaxValue, 77)); Assert.Equal((User, 77u), Owner($"{d}/f")); }),
        ("chown of a symbolic link", d => { Put($"{d}/f"); Ok(Posix.SymbolicLink("f", $"{d}/l")); Ok(Posix.ChangeOwner($"{d}/l", User, User)); Assert.Equal((User, User), Owner($"{d}/l")); Assert.Equal((0u, 0u), Owner($"{d}/f")); }),
        ("chown takes set-uid and set-gid from a file", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", Rwxrxrx | SetUid | SetGid)); Ok(Posix.ChangeOwner($"{d}/f", User, User)); Assert.Equal(Rwxrxrx, Mode($"{d}/f")); }),
        ("chown leaves set-gid without group execution", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", Rwrr | SetGid)); Ok(Posix.ChangeOwner($"{d}/f", User, User)); Assert.Equal(Rwrr | SetGid, Mode($"{d}/f")); }),
        ("chown leaves set-uid and set-gid to a directory", d => { Folder($"{d}/a"); Ok(Posix.ChangeMode($"{d}/a", Rwxrxrx | SetUid | SetGid)); Ok(Posix.ChangeOwner($"{d}/a", User, User)); Assert.Equal(Rwxrxrx | SetUid | SetGid, Mode($"{d}/a")); }),
        ("a write by somebody else takes set-uid and set-gid", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", All777 | SetUid | SetGid)); Posix.As(User, User, 0, () => With(Posix.Open($"{d}/f", LibC.O_WRONLY), fd => Written(1, Posix.Write(fd, Bytes("x"), 0)))); Assert.Equal(All777, Mode($"{d}/f")); }),
        ("a write by root leaves them", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", All777 | SetUid | SetGid)); With(Posix.Open($"{d}/f", LibC.O_WRONLY), fd => Written(1, Posix.Write(fd, Bytes("x"), 0))); Assert.Equal(All777 | SetUid | SetGid, Mode($"{d}/f")); }),
        ("truncation by somebody else takes set-uid", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", All777 | SetUid)); Posix.As(User, User, 0, () => With(Posix.Open($"{d}/f", LibC.O_WRONLY), fd => Ok(Posix.Truncate(fd, 1)))); Assert.Equal(All777, Mode($"{d}/f")); }),
        ("opening with O_TRUNC by somebody else takes set-uid", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", All777 | SetUid)); Posix.As(User, User, 0, () => With(Posix.Open($"{d}/f", LibC.O_WRONLY | LibC.O_TRUNC), _ => { })); Assert.Equal(All777, Mode($"{d}/f")); }),
        ("chmod by an owner who is not of the group loses set-gid", d => { Put($"{d}/f"); Ok(Posix.ChangeOwner($"{d}/f", User, 77)); Posix.As(User, User, 0, () => Ok(Posix.ChangeMode($"{d}/f", Rwxrxrx | SetGid))); Assert.Equal(Rwxrxrx, Mode($"{d}/f")); }),
        ("the owner may set times, others with write permission only now", d => { Put($"{d}/f"); Ok(Posix.ChangeMode($"{d}/f", All777)); Posix.As(User, User, 0, () => { Fails(Errno.EPERM, Posix.SetTimes($"{d}/f", Timespec.Of(1), Timespec.Of(1))); Ok(Posix.SetTimes($"{d}/f", Timespec.Now, Timespec.Now)); }); }),
    ];

    private static (string Name, Action<string> Body)[] Xattrs { get; } =
    [
        ("an attribute is kept", d => { Put($"{d}/f"); Ok(Posix.SetXattr($"{d}/f", "user.a", Bytes("value"))); Assert.Equal(Bytes("value"), Posix.GetXattr($"{d}/f", "user.a")); Assert.Equal(["user.a"], Posix.ListXattrs($"{d}/f")); }),
        ("an empty value", d => { Put($"{d}/f"); Ok(Posix.SetXattr($"{d}/f", "user.a", [])); Assert.Empty(Posix.GetXattr($"{d}/f", "user.a") ?? [1]); }),
        ("a value of 2,000 bytes", d => { Put($"{d}/f"); Ok(Posix.SetXattr($"{d}/f", "user.a", Pattern(2000))); Assert.Equal(Pattern(2000), Posix.GetXattr($"{d}/f", "user.a")); }),
        ("XATTR_CREATE on an existing one: EEXIST", d => { Put($"{d}/f"); Ok(Posix.SetXattr($"{d}/f", "user.a", Bytes("1"))); Fails(Errno.EEXIST, Posix.SetXattr($"{d}/f", "user.a", Bytes("2"), LibC.XATTR_CREATE)); Assert.Equal(Bytes("1"), Posix.GetXattr($"{d}/f", "user.a")); }),
        ("XATTR_REPLACE of none: ENODATA", d => { Put($"{d}/f"); Fails(Errno.ENODATA, Posix.SetXattr($"{d}/f", "user.a", Bytes("2"), LibC.XATTR_REPLACE)); }),
        ("removing one", d => { Put($"{d}/f"); Ok(Posix.SetXattr($"{d}/f", "user.a", Bytes("1"))); Ok(Posix.SetXattr($"{d}/f", "user.b", Bytes("1"))); Ok(Posix.RemoveXattr($"{d}/f", "user.a")); Assert.Equal(["user.b"], Posix.ListXattrs($"{d}/f")); }),
        ("removing none: ENODATA", d => { Put($"{d}/f"); Fails(Errno.ENODATA, Posix.RemoveXattr($"{d}/f", "user.a")); }),
        ("reading none: ENODATA", d => { Put($"{d}/f"); Assert.Null(Posix.GetXattr($"{d}/f", "user.a")); Assert.Equal(Errno.ENODATA, Errno.Last); }),
        ("attributes of a directory", d => { Folder($"{d}/a"); Ok(Posix.SetXattr($"{d}/a", "user.a", Bytes("1"))); Ok(Posix.SetXattr($"{d}/a", "trusted.b", Bytes("2"))); Assert.Equal(["trusted.b", "user.a"], Posix.ListXattrs($"{d}/a")); }),
        ("user attributes of a symbolic link: EPERM", d => { Ok(Posix.SymbolicLink("t", $"{d}/l")); Fails(Errno.EPERM, Posix.SetXattr($"{d}/l", "user.a", Bytes("1"))); }),
        ("trusted attributes of a symbolic link", d => { Ok(Posix.SymbolicLink("t", $"{d}/l")); Ok(Posix.SetXattr($"{d}/l", "trusted.a", Bytes("1"))); Assert.Equal(Bytes("1"), Posix.GetXattr($"{d}/l", "trusted.a")); }),
        ("a name without a known prefix: EOPNOTSUPP", d => { Put($"{d}/f"); Fails(Errno.EOPNOTSUPP, Posix.SetXattr($"{d}/f", "other.a", Bytes("1"))); }),
        ("a buffer that is too short: ERANGE", d => { Put($"{d}/f"); Ok(Posix.SetXattr($"{d}/f", "user.a", Pattern(100))); Fails(Errno.ERANGE, ShortRead($"{d}/f", "user.a")); }),
        ("a write takes security.capability", d => { Put($"{d}/f"); Ok(Posix.SetXattr($"{d}/f", "security.capability", Capability())); With(Posix.Open($"{d}/f", LibC.O_WRONLY), fd => Written(1, Posix.Write(fd, Bytes("x"), 0))); Assert.Null(Posix.GetXattr($"{d}/f", "security.capability")); }),
        ("an access list gives a user more than the mode", d => { Put($"{d}/f", mode: 0x180); Posix.As(User, User, 0, () => Fails(-Errno.EACCES, Posix.Open($"{d}/f", LibC.O_RDONLY))); Ok(Posix.SetXattr($"{d}/f", AclAccess, Acl(6, User, 4, 0, 4, 0))); Posix.As(User, User, 0, () => Assert.Equal("content", Text($"{d}/f"))); Assert.Equal(0x1A0u, Mode($"{d}/f")); }),
        ("an access list takes from a user what the mode gives", d => { Put($"{d}/f", mode: All777); Ok(Posix.SetXattr($"{d}/f", AclAccess, Acl(7, User, 0, 7, 7, 7))); Posix.As(User, User, 0, () => Fails(-Errno.EACCES, Posix.Open($"{d}/f", LibC.O_RDONLY))); Posix.As(OtherUser, OtherUser, 0, () => Assert.Equal("content", Text($"{d}/f"))); }),
        ("chmod changes an access list's mask", d => { Put($"{d}/f", mode: Rwrr); Ok(Posix.SetXattr($"{d}/f", AclAccess, Acl(6, User, 7, 4, 7, 4))); Ok(Posix.ChangeMode($"{d}/f", 0x180)); Posix.As(User, User, 0, () => Fails(-Errno.EACCES, Posix.Open($"{d}/f", LibC.O_RDONLY))); }),
        ("a default access list is inherited, and the umask does not count", d => { Folder($"{d}/a"); Ok(Posix.SetXattr($"{d}/a", AclDefault, Acl(7, User, 7, 5, 7, 0))); Posix.As(0, 0, 0x3F, () => { Put($"{d}/a/f", mode: 0x1B6); Folder($"{d}/a/b", All777); }); Assert.Equal(0x1B0u, Mode($"{d}/a/f")); Assert.NotNull(Posix.GetXattr($"{d}/a/f", AclAccess)); Assert.NotNull(Posix.GetXattr($"{d}/a/b", AclDefault)); }),
        ("a removed access list", d => { Put($"{d}/f", mode: 0x180); Ok(Posix.SetXattr($"{d}/f", AclAccess, Acl(6, User, 4, 0, 4, 0))); Ok(Posix.RemoveXattr($"{d}/f", AclAccess)); Posix.As(User, User, 0, () => Fails(-Errno.EACCES, Posix.Open($"{d}/f", LibC.O_RDONLY))); }),
        ("a malformed access list: EOPNOTSUPP", d => { Put($"{d}/f"); Fails(Errno.EOPNOTSUPP, Posix.SetXattr($"{d}/f", AclAccess, Bytes("nonsense"))); }),
    ];

    private static (string Name, Action<string> Body)[] Directories { get; } =
    [
        ("5,000 entries are read once each", d => { Many(d, 5000); Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"entry{i}").Order(StringComparer.Ordinal), Posix.List(d)); }),
        ("reading goes on after seeking back", d => { Many(d, 800); With(Posix.Open(d, LibC.O_RDONLY | LibC.O_DIRECTORY), fd => { var all = Posix.ReadEntries(fd); for (int i = 0; i < all.Count - 1; i += 97) { Posix.Seek(fd, all[i].Offset, LibC.SEEK_SET); Assert.Equal(all[i + 1].Name, Posix.ReadEntries(fd, 1)[0].Name); } Posix.Seek(fd, 0, LibC.SEEK_SET); Assert.Equal(all.Count, Posix.ReadEntries(fd).Count); }); }),
        ("'.' and '..' are listed", d => { Folder($"{d}/a"); With(Posix.Open($"{d}/a", LibC.O_RDONLY | LibC.O_DIRECTORY), fd => Assert.Equal([".", ".."], Posix.ReadEntries(fd).Select(e => e.Name).Order(StringComparer.Ordinal))); }),
        ("entries can be removed while they are read", d => { Many(d, 600); With(Posix.Open(d, LibC.O_RDONLY | LibC.O_DIRECTORY), fd => { int removed = 0; for (var part = Posix.ReadEntries(fd, 50); part.Count > 0; part = Posix.ReadEntries(fd, 50)) foreach (var entry in part.Where(e => e.Name.StartsWith("entry", StringComparison.Ordinal))) { Ok(Posix.Unlink($"{d}/{entry.Name}")); removed++; } Assert.Equal(600, removed); }); Assert.Empty(Posix.List(d)); }),
        ("two readers of one directory", d => { Many(d, 300); With(Posix.Open(d, LibC.O_RDONLY | LibC.O_DIRECTORY), a => With(Posix.Open(d, LibC.O_RDONLY | LibC.O_DIRECTORY), b => { Posix.ReadEntries(a, 40); Assert.Equal(302, Posix.ReadEntries(b).Count); })); }),
        ("reading a file as a directory: ENOTDIR", d => { Put($"{d}/f"); Fails(-Errno.ENOTDIR, Posix.Open($"{d}/f", LibC.O_RDONLY | LibC.O_DIRECTORY)); }),
        ("a new entry is listed by a new reader", d => { Posix.List(d); Put($"{d}/f"); Assert.Equal(["f"], Posix.List(d)); Ok(Posix.Unlink($"{d}/f")); Assert.Empty(Posix.List(d)); }),
        ("a directory of 4,000 can be emptied and removed", d => { Folder($"{d}/a"); Many($"{d}/a", 1000); foreach (string n in Posix.List($"{d}/a")) Ok(Posix.Unlink($"{d}/a/{n}")); Ok(Posix.RemoveDirectory($"{d}/a")); }),
    ];

    private static (string Name, Action<string> Body)[] Special { get; } =
    [
        ("a fifo carries bytes", d => { Ok(Posix.MakeNode($"{d}/p", LibC.S_IFIFO | Rwrr)); With(Posix.Open($"{d}/p", LibC.O_RDWR | LibC.O_NONBLOCK), fd => { Written(3, Posix.Write(fd, Bytes("abc"))); Assert.Equal("abc", ReadSome(fd)); }); Assert.Equal(LibC.S_IFIFO, Posix.Status($"{d}/p").Type); }),
        ("a character device works", d => { Ok(Posix.MakeNode($"{d}/null", LibC.S_IFCHR | 0x1B6, 0x103)); Assert.Equal(0x103u, Posix.Status($"{d}/null").Rdev); With(Posix.Open($"{d}/null", LibC.O_WRONLY), fd => Written(3, Posix.Write(fd, Bytes("abc")))); }),
        ("a block device with big numbers keeps them", d => { Ok(Posix.MakeNode($"{d}/b", LibC.S_IFBLK | 0x180, 0x12F0_0FAB & 0x7FFF_FFFF)); Assert.Equal(0x12F0_0FABu & 0x7FFF_FFFF, Posix.Status($"{d}/b").Rdev); Assert.Equal(LibC.S_IFBLK, Posix.Status($"{d}/b").Type); }),
        ("a regular file by mknod", d => { Ok(Posix.MakeNode($"{d}/f", LibC.S_IFREG | Rwrr)); Assert.Equal("", Text($"{d}/f")); }),
        ("a socket", d => { using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0); socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint($"{d}/s")); socket.Listen(); using var client = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0); client.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint($"{d}/s")); Assert.Equal(LibC.S_IFSOCK, Posix.Status($"{d}/s").Type); }),
        ("others may make no device: EPERM", d => { Open777(d); Posix.As(User, User, 0, () => Fails(Errno.EPERM, Posix.MakeNode($"{d}/x", LibC.S_IFCHR | Rwrr, 0x103))); }),
        ("special files are renamed, linked and removed", d => { Ok(Posix.MakeNode($"{d}/p", LibC.S_IFIFO | Rwrr)); Ok(Posix.Link($"{d}/p", $"{d}/q")); Ok(Posix.Rename($"{d}/p", $"{d}/r")); Assert.Equal(2u, Posix.Status($"{d}/r").Links); Ok(Posix.Unlink($"{d}/q")); Assert.Equal(["r"], Posix.List(d)); }),
        ("a program can be run", d => { File.Copy("/bin/true", $"{d}/true"); Ok(Posix.ChangeMode($"{d}/true", Rwxrxrx)); using var process = System.Diagnostics.Process.Start($"{d}/true"); Assert.True(process.WaitForExit(20_000)); Assert.Equal(0, process.ExitCode); }),
    ];

    private static void Open777(string path) => Ok(Posix.ChangeMode(path, All777));

    private static (uint User, uint Group) Owner(string path)
    {
        Statx status = Posix.Status(path);
        return (status.UserId, status.GroupId);
    }

    private static void Many(string path, int count)
    {
        for (int i = 0; i < count; i++)
            Ok(Posix.MakeNode($"{path}/entry{i}", LibC.S_IFREG | Rwrr));
    }

    private static unsafe string ReadSome(int fd)
    {
        byte* room = stackalloc byte[64];
        nint bytes = LibC.read(fd, room, 64);
        Assert.True(bytes >= 0, Errno.Describe("read", Errno.Last));
        return System.Text.Encoding.Latin1.GetString(room, (int)bytes);
    }

    private static unsafe int ShortRead(string path, string name)
    {
        byte* room = stackalloc byte[10];
        fixed (byte* file = Posix.Bytes(path), key = Posix.Bytes(name))
            return LibC.lgetxattr(file, key, room, 10) < 0 ? Errno.Last : 0;
    }

    /// <summary>An access list as the kernel keeps it (linux/posix_acl_xattr.h): owner, one named user, group, mask, others.</summary>
    private static byte[] Acl(ushort owner, uint user, ushort named, ushort group, ushort mask, ushort others)
    {
        const uint Undefined = uint.MaxValue;
        (ushort Tag, ushort Permissions, uint Id)[] entries =
            [(0x01, owner, Undefined), (0x02, named, user), (0x04, group, Undefined), (0x10, mask, Undefined), (0x20, others, Undefined)];
        using var bytes = new MemoryStream();
        bytes.Write([2, 0, 0, 0]);
        foreach (var entry in entries)
        {
            bytes.Write(BitConverter.GetBytes(entry.Tag));
            bytes.Write(BitConverter.GetBytes(entry.Permissions));
            bytes.Write(BitConverter.GetBytes(entry.Id));
        }
        return bytes.ToArray();
    }

    /// <summary>struct vfs_cap_data, version 2: may bind low ports.</summary>
    private static byte[] Capability()
    {
        byte[] data = new byte[20];
        MemoryMarshal.Write(data, 0x0200_0001u);
        MemoryMarshal.Write(data.AsSpan(4), 1u << 10);
        return data;
    }
}
