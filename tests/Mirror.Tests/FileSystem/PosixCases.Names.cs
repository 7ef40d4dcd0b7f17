using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <content>Names: creation, removal, renaming, hard links.</content>
internal static partial class PosixCases
{
    private static readonly string _longest = new('n', 255);

    private static (string Name, Action<string> Body)[] Names { get; } =
    [
        ("a created file is there", d => { Put($"{d}/f"); Assert.True(Posix.Status($"{d}/f").IsRegular); }),
        ("create without O_CREAT: ENOENT", d => Fails(-Errno.ENOENT, Posix.Open($"{d}/f", LibC.O_RDWR))),
        ("O_EXCL on an existing file: EEXIST", d => { Put($"{d}/f"); Fails(-Errno.EEXIST, Posix.Open($"{d}/f", LibC.O_CREAT | LibC.O_EXCL | LibC.O_RDWR)); }),
        ("O_EXCL on a dangling symbolic link: EEXIST", d => { Ok(Posix.SymbolicLink("nowhere", $"{d}/l")); Fails(-Errno.EEXIST, Posix.Open($"{d}/l", LibC.O_CREAT | LibC.O_EXCL | LibC.O_RDWR)); }),
        ("O_CREAT through a dangling symbolic link creates its target", d => { Ok(Posix.SymbolicLink("t", $"{d}/l")); Put($"{d}/l"); Assert.Equal("content", Text($"{d}/t")); }),
        ("O_CREAT on an existing file opens it", d => { Put($"{d}/f", "old"); With(Posix.Open($"{d}/f", LibC.O_CREAT | LibC.O_RDWR), fd => Assert.Equal(3, Posix.Read(fd, 10, 0).Length)); }),
        ("O_TRUNC empties", d => { Put($"{d}/f", "old"); With(Posix.Open($"{d}/f", LibC.O_TRUNC | LibC.O_RDWR), fd => Assert.Empty(Posix.Read(fd, 10, 0))); Assert.Equal(0UL, Posix.Status($"{d}/f").Size); }),
        ("mkdir of an existing name: EEXIST", d => { Folder($"{d}/a"); Fails(Errno.EEXIST, Posix.MakeDirectory($"{d}/a")); }),
        ("mkdir over a file: EEXIST", d => { Put($"{d}/a"); Fails(Errno.EEXIST, Posix.MakeDirectory($"{d}/a")); }),
        ("mkdir in nothing: ENOENT", d => Fails(Errno.ENOENT, Posix.MakeDirectory($"{d}/no/a"))),
        ("mkdir below a file: ENOTDIR", d => { Put($"{d}/f"); Fails(Errno.ENOTDIR, Posix.MakeDirectory($"{d}/f/a")); }),
        ("rmdir of an empty directory", d => { Folder($"{d}/a"); Ok(Posix.RemoveDirectory($"{d}/a")); Fails(Errno.ENOENT, Posix.TryStatus($"{d}/a", out _)); }),
        ("rmdir of a full directory: ENOTEMPTY", d => { Folder($"{d}/a"); Put($"{d}/a/f"); Fails(Errno.ENOTEMPTY, Posix.RemoveDirectory($"{d}/a")); Assert.Equal("content", Text($"{d}/a/f")); }),
        ("rmdir of a file: ENOTDIR", d => { Put($"{d}/f"); Fails(Errno.ENOTDIR, Posix.RemoveDirectory($"{d}/f")); }),
        ("rmdir of '.': EINVAL", d => { Folder($"{d}/a"); Fails(Errno.EINVAL, Posix.RemoveDirectory($"{d}/a/.")); }),
        ("unlink of a directory: EISDIR", d => { Folder($"{d}/a"); Fails(Errno.EISDIR, Posix.Unlink($"{d}/a")); }),
        ("unlink of nothing: ENOENT", d => Fails(Errno.ENOENT, Posix.Unlink($"{d}/f"))),
        ("unlink removes the name", d => { Put($"{d}/f"); Ok(Posix.Unlink($"{d}/f")); Assert.Empty(Posix.List(d)); }),
        ("unlink of an open file leaves its content", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDWR), fd => { Ok(Posix.Unlink($"{d}/f")); Assert.Equal(7, Posix.Read(fd, 10, 0).Length); Written(3, Posix.Write(fd, Bytes("xyz"), 0)); Assert.Equal(Bytes("xyztent"), Posix.Read(fd, 10, 0)); Assert.Equal(0u, Posix.StatusOf(fd).Links); }); }),
        ("an unlinked name can be created again while the old file is open", d => { Put($"{d}/f", "old"); With(Posix.Open($"{d}/f", LibC.O_RDONLY), fd => { Ok(Posix.Unlink($"{d}/f")); Put($"{d}/f", "newer"); Assert.Equal(Bytes("old"), Posix.Read(fd, 10, 0)); Assert.Equal("newer", Text($"{d}/f")); Assert.NotEqual(Posix.StatusOf(fd).Inode, Posix.Status($"{d}/f").Inode); }); }),
        ("unlinked open files keep their attributes settable", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDWR), fd => { Ok(Posix.Unlink($"{d}/f")); Ok(Posix.Truncate(fd, 2)); Assert.Equal(2UL, Posix.StatusOf(fd).Size); }); }),
        ("a removed directory that is open lists nothing and takes nothing", d => { Folder($"{d}/a"); With(Posix.Open($"{d}/a", LibC.O_RDONLY | LibC.O_DIRECTORY), fd => { Ok(Posix.RemoveDirectory($"{d}/a")); Fails(-Errno.ENOENT, Posix.Open($"/proc/self/fd/{fd}/new", LibC.O_CREAT | LibC.O_RDWR)); }); }),
        ("a name of 255 bytes", d => { Put($"{d}/{_longest}"); Assert.Equal([_longest], Posix.List(d)); Ok(Posix.Unlink($"{d}/{_longest}")); }),
        ("a name of 256 bytes: ENAMETOOLONG", d => Fails(-Errno.ENAMETOOLONG, Posix.Open($"{d}/{_longest}n", LibC.O_CREAT | LibC.O_RDWR))),
        ("a name with blanks", d => { Put($"{d}/ a b "); Assert.Equal([" a b "], Posix.List(d)); }),
        ("a name of bytes that are no UTF-8", d => { Put($"{d}/\u00ff\u00fe\u0080"); Assert.Equal(["\u00ff\u00fe\u0080"], Posix.List(d)); Ok(Posix.Rename($"{d}/\u00ff\u00fe\u0080", $"{d}/\u0001\n")); Assert.Equal(["\u0001\n"], Posix.List(d)); }),
        ("names of one byte, every byte but two", d => { var all = Enumerable.Range(1, 255).Where(b => b is not ('/' or '.')).Select(b => ((char)b).ToString()).ToArray(); foreach (string n in all) Put($"{d}/{n}", n); Assert.Equal(all.Order(StringComparer.Ordinal), Posix.List(d)); foreach (string n in all) Assert.Equal(n, Text($"{d}/{n}")); }),
        ("names differ by case", d => { Put($"{d}/a", "1"); Put($"{d}/A", "2"); Assert.Equal("1", Text($"{d}/a")); }),
        ("a name with a trailing slash is a directory's", d => { Put($"{d}/f"); Fails(-Errno.ENOTDIR, Posix.Open($"{d}/f/", LibC.O_RDONLY)); Folder($"{d}/a"); Ok(Posix.RemoveDirectory($"{d}/a/")); }),
        ("a path below a file: ENOTDIR", d => { Put($"{d}/f"); Fails(-Errno.ENOTDIR, Posix.Open($"{d}/f/g", LibC.O_RDONLY)); }),
        ("a path of 4096 bytes: ENAMETOOLONG", d => Fails(-Errno.ENAMETOOLONG, Posix.Open($"{d}/{string.Join('/', Enumerable.Repeat("0123456789abcdef", 260))}", LibC.O_RDONLY))),
        ("60 directories deep", d => { string p = d; for (int i = 0; i < 60; i++) p = Folder($"{p}/level{i}"); Put($"{p}/f"); Assert.Equal("content", Text($"{p}/f")); }),
        ("a name looked up before it exists is found when it does", d => { Fails(Errno.ENOENT, Posix.TryStatus($"{d}/f", out _)); Put($"{d}/f"); Ok(Posix.TryStatus($"{d}/f", out _)); Ok(Posix.Unlink($"{d}/f")); Fails(Errno.ENOENT, Posix.TryStatus($"{d}/f", out _)); }),
        ("a removed directory's name can become a file", d => { Folder($"{d}/a"); Ok(Posix.RemoveDirectory($"{d}/a")); Put($"{d}/a"); Assert.Equal("content", Text($"{d}/a")); }),
        ("inode numbers are those of a file for its life", d => { Put($"{d}/f"); ulong inode = Posix.Status($"{d}/f").Inode; Ok(Posix.Rename($"{d}/f", $"{d}/g")); Assert.Equal(inode, Posix.Status($"{d}/g").Inode); }),
    ];

    private static (string Name, Action<string> Body)[] Renames { get; } =
    [
        ("rename moves", d => { Put($"{d}/f", "1"); Ok(Posix.Rename($"{d}/f", $"{d}/g")); Assert.Equal(["g"], Posix.List(d)); Assert.Equal("1", Text($"{d}/g")); }),
        ("rename into another directory", d => { Folder($"{d}/a"); Put($"{d}/f"); Ok(Posix.Rename($"{d}/f", $"{d}/a/g")); Assert.Equal(["a"], Posix.List(d)); Assert.Equal(["g"], Posix.List($"{d}/a")); }),
        ("rename replaces", d => { Put($"{d}/f", "1"); Put($"{d}/g", "2"); Ok(Posix.Rename($"{d}/f", $"{d}/g")); Assert.Equal(["g"], Posix.List(d)); Assert.Equal("1", Text($"{d}/g")); }),
        ("rename over an open file leaves that to its reader", d => { Put($"{d}/f", "new"); Put($"{d}/g", "old"); With(Posix.Open($"{d}/g", LibC.O_RDWR), fd => { Ok(Posix.Rename($"{d}/f", $"{d}/g")); Assert.Equal(Bytes("old"), Posix.Read(fd, 9, 0)); Written(1, Posix.Write(fd, Bytes("x"), 0)); Assert.Equal("new", Text($"{d}/g")); Assert.Equal(0u, Posix.StatusOf(fd).Links); }); }),
        ("an open file that was renamed is written under its new name", d => { Put($"{d}/f", "1"); With(Posix.Open($"{d}/f", LibC.O_RDWR), fd => { Ok(Posix.Rename($"{d}/f", $"{d}/g")); Written(1, Posix.Write(fd, Bytes("2"), 0)); }); Assert.Equal("2", Text($"{d}/g")); }),
        ("rename of nothing: ENOENT", d => Fails(Errno.ENOENT, Posix.Rename($"{d}/f", $"{d}/g"))),
        ("rename to itself", d => { Put($"{d}/f"); Ok(Posix.Rename($"{d}/f", $"{d}/f")); Assert.Equal(["f"], Posix.List(d)); }),
        ("rename between two names of one file does nothing", d => { Put($"{d}/f"); Ok(Posix.Link($"{d}/f", $"{d}/g")); Ok(Posix.Rename($"{d}/f", $"{d}/g")); Assert.Equal(["f", "g"], Posix.List(d)); }),
        ("rename of a directory", d => { Folder($"{d}/a"); Put($"{d}/a/f"); Ok(Posix.Rename($"{d}/a", $"{d}/b")); Assert.Equal("content", Text($"{d}/b/f")); Fails(Errno.ENOENT, Posix.TryStatus($"{d}/a", out _)); }),
        ("rename of a directory over an empty one", d => { Folder($"{d}/a"); Put($"{d}/a/f"); Folder($"{d}/b"); Ok(Posix.Rename($"{d}/a", $"{d}/b")); Assert.Equal(["f"], Posix.List($"{d}/b")); }),
        ("rename of a directory over a full one: ENOTEMPTY", d => { Folder($"{d}/a"); Folder($"{d}/b"); Put($"{d}/b/f"); Fails(Errno.ENOTEMPTY, Posix.Rename($"{d}/a", $"{d}/b")); }),
        ("rename of a directory over a file: ENOTDIR", d => { Folder($"{d}/a"); Put($"{d}/f"); Fails(Errno.ENOTDIR, Posix.Rename($"{d}/a", $"{d}/f")); }),
        ("rename of a file over a directory: EISDIR", d => { Folder($"{d}/a"); Put($"{d}/f"); Fails(Errno.EISDIR, Posix.Rename($"{d}/f", $"{d}/a")); }),
        ("rename of a directory into itself: EINVAL", d => { Folder($"{d}/a"); Fails(Errno.EINVAL, Posix.Rename($"{d}/a", $"{d}/a/b")); }),
        ("rename of a directory changes link counts of both parents", d => { Folder($"{d}/a"); Folder($"{d}/b"); Folder($"{d}/a/x"); Ok(Posix.Rename($"{d}/a/x", $"{d}/b/x")); Assert.Equal(2u, Posix.Status($"{d}/a").Links); Assert.Equal(3u, Posix.Status($"{d}/b").Links); }),
        ("'..' of a moved directory is its new parent", d => { Folder($"{d}/a"); Folder($"{d}/b"); Folder($"{d}/a/x"); Ok(Posix.Rename($"{d}/a/x", $"{d}/b/x")); Assert.Equal(Posix.Status($"{d}/b").Inode, Posix.Status($"{d}/b/x/..").Inode); }),
        ("NOREPLACE on an existing name: EEXIST", d => { Put($"{d}/f", "1"); Put($"{d}/g", "2"); Fails(Errno.EEXIST, Posix.Rename($"{d}/f", $"{d}/g", LibC.RENAME_NOREPLACE)); Assert.Equal("2", Text($"{d}/g")); }),
        ("NOREPLACE on a free name", d => { Put($"{d}/f", "1"); Ok(Posix.Rename($"{d}/f", $"{d}/g", LibC.RENAME_NOREPLACE)); Assert.Equal(["g"], Posix.List(d)); }),
        ("EXCHANGE of two files", d => { Put($"{d}/f", "1"); Put($"{d}/g", "2"); Ok(Posix.Rename($"{d}/f", $"{d}/g", LibC.RENAME_EXCHANGE)); Assert.Equal("2", Text($"{d}/f")); Assert.Equal("1", Text($"{d}/g")); }),
        ("EXCHANGE of a file and a directory", d => { Put($"{d}/f", "1"); Folder($"{d}/a"); Put($"{d}/a/x"); Ok(Posix.Rename($"{d}/f", $"{d}/a", LibC.RENAME_EXCHANGE)); Assert.Equal("content", Text($"{d}/f/x")); Assert.Equal("1", Text($"{d}/a")); }),
        ("EXCHANGE with nothing: ENOENT", d => { Put($"{d}/f"); Fails(Errno.ENOENT, Posix.Rename($"{d}/f", $"{d}/g", LibC.RENAME_EXCHANGE)); }),
        ("EXCHANGE and NOREPLACE: EINVAL", d => { Put($"{d}/f"); Put($"{d}/g"); Fails(Errno.EINVAL, Posix.Rename($"{d}/f", $"{d}/g", LibC.RENAME_EXCHANGE | LibC.RENAME_NOREPLACE)); }),
        ("rename of a symbolic link moves the link", d => { Ok(Posix.SymbolicLink("t", $"{d}/l")); Ok(Posix.Rename($"{d}/l", $"{d}/m")); Assert.Equal("t", Posix.ReadLink($"{d}/m")); }),
        ("rename changes the parents' modification times", d => { Folder($"{d}/a"); Folder($"{d}/b"); Put($"{d}/a/f"); Ok(Posix.SetTimes($"{d}/a", default, default)); Ok(Posix.SetTimes($"{d}/b", default, default)); Ok(Posix.Rename($"{d}/a/f", $"{d}/b/f")); Assert.NotEqual(0, Posix.Status($"{d}/a").MtimeNs); Assert.NotEqual(0, Posix.Status($"{d}/b").MtimeNs); }),
    ];

    private static (string Name, Action<string> Body)[] Links { get; } =
    [
        ("two names, one file", d => { Put($"{d}/f", "1"); Ok(Posix.Link($"{d}/f", $"{d}/g")); Put($"{d}/g", "22"); Assert.Equal("22", Text($"{d}/f")); Assert.Equal(2u, Posix.Status($"{d}/f").Links); Assert.Equal(Posix.Status($"{d}/f").Inode, Posix.Status($"{d}/g").Inode); }),
        ("a removed name leaves the other", d => { Put($"{d}/f"); Ok(Posix.Link($"{d}/f", $"{d}/g")); Ok(Posix.Unlink($"{d}/f")); Assert.Equal("content", Text($"{d}/g")); Assert.Equal(1u, Posix.Status($"{d}/g").Links); }),
        ("link of a directory: EPERM", d => { Folder($"{d}/a"); Fails(Errno.EPERM, Posix.Link($"{d}/a", $"{d}/b")); }),
        ("link onto an existing name: EEXIST", d => { Put($"{d}/f"); Put($"{d}/g"); Fails(Errno.EEXIST, Posix.Link($"{d}/f", $"{d}/g")); }),
        ("link of a symbolic link is one of the link", d => { Ok(Posix.SymbolicLink("t", $"{d}/l")); Ok(Posix.Link($"{d}/l", $"{d}/m")); Assert.Equal("t", Posix.ReadLink($"{d}/m")); }),
        ("200 links", d => { Put($"{d}/f"); for (int i = 0; i < 200; i++) Ok(Posix.Link($"{d}/f", $"{d}/l{i}")); Assert.Equal(201u, Posix.Status($"{d}/l7").Links); }),
        ("link across directories and rename of one name", d => { Folder($"{d}/a"); Put($"{d}/f", "1"); Ok(Posix.Link($"{d}/f", $"{d}/a/g")); Ok(Posix.Rename($"{d}/a/g", $"{d}/h")); Put($"{d}/h", "3"); Assert.Equal("3", Text($"{d}/f")); }),
        ("O_TMPFILE has no name", d => With(Posix.Open(d, LibC.O_TMPFILE | LibC.O_RDWR), fd => { Written(3, Posix.Write(fd, Bytes("abc"))); Assert.Empty(Posix.List(d)); Assert.Equal(0u, Posix.StatusOf(fd).Links); Assert.Equal(Bytes("abc"), Posix.Read(fd, 9, 0)); })),
        ("O_TMPFILE gets a name", d => { With(Posix.Open(d, LibC.O_TMPFILE | LibC.O_RDWR), fd => { Written(3, Posix.Write(fd, Bytes("abc"))); Ok(Posix.LinkOpen(fd, $"{d}/f")); }); Assert.Equal("abc", Text($"{d}/f")); Assert.Equal(1u, Posix.Status($"{d}/f").Links); }),
        ("O_TMPFILE with O_EXCL gets none", d => With(Posix.Open(d, LibC.O_TMPFILE | LibC.O_RDWR | LibC.O_EXCL), fd => Fails(Errno.ENOENT, Posix.LinkOpen(fd, $"{d}/f")))),
        ("an unlinked file gets no name again", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDWR), fd => { Ok(Posix.Unlink($"{d}/f")); Fails(Errno.ENOENT, Posix.LinkOpen(fd, $"{d}/g")); }); }),
        ("symbolic link to a file", d => { Put($"{d}/f"); Ok(Posix.SymbolicLink("f", $"{d}/l")); Assert.Equal("content", Text($"{d}/l")); Assert.Equal("f", Posix.ReadLink($"{d}/l")); Assert.Equal(1UL, Posix.Status($"{d}/l").Size); }),
        ("symbolic link to a directory", d => { Folder($"{d}/a"); Ok(Posix.SymbolicLink("a", $"{d}/l")); Put($"{d}/l/f"); Assert.Equal("content", Text($"{d}/a/f")); }),
        ("symbolic link of 4095 bytes", d => { string target = new('t', 4095); Ok(Posix.SymbolicLink(target, $"{d}/l")); Assert.Equal(target, Posix.ReadLink($"{d}/l")); }),
        ("symbolic link of no bytes: ENOENT", d => Fails(Errno.ENOENT, Posix.SymbolicLink("", $"{d}/l"))),
        ("symbolic link to itself: ELOOP", d => { Ok(Posix.SymbolicLink("l", $"{d}/l")); Fails(-Errno.ELOOP, Posix.Open($"{d}/l", LibC.O_RDONLY)); }),
        ("O_NOFOLLOW on a symbolic link: ELOOP", d => { Put($"{d}/f"); Ok(Posix.SymbolicLink("f", $"{d}/l")); Fails(-Errno.ELOOP, Posix.Open($"{d}/l", LibC.O_RDONLY | LibC.O_NOFOLLOW)); }),
        ("removing a symbolic link leaves its target", d => { Put($"{d}/f"); Ok(Posix.SymbolicLink("f", $"{d}/l")); Ok(Posix.Unlink($"{d}/l")); Assert.Equal("content", Text($"{d}/f")); }),
        ("readlink of a file: EINVAL", d => { Put($"{d}/f"); Assert.Equal("errno 22", Posix.ReadLink($"{d}/f")); }),
    ];
}
