using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <content>Content of files: reading, writing, flags of open, holes, memory maps, locks.</content>
internal static unsafe partial class PosixCases
{
    private const int Page = 4096;

    private static byte[] Pattern(int length, int seed = 1)
    {
        byte[] data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static int New(string path, int flags = 0) => Opened(Posix.Open(path, LibC.O_CREAT | LibC.O_RDWR | flags));

    private static (string Name, Action<string> Body)[] Files { get; } =
    [
        ("what is written is read", d => With(New($"{d}/f"), fd => { byte[] p = Pattern(100_000); Written(p.Length, Posix.Write(fd, p, 0)); Assert.Equal(p, Posix.Read(fd, p.Length, 0)); })),
        ("what is written through one descriptor is read through another", d => With(New($"{d}/f"), fd => With(Posix.Open($"{d}/f", LibC.O_RDONLY), other => { Written(3, Posix.Write(fd, Bytes("abc"), 5)); Assert.Equal(Bytes("\0\0\0\0\0abc"), Posix.Read(other, 20, 0)); }))),
        ("3 MiB at once", d => { byte[] p = Pattern(3 << 20); With(New($"{d}/f"), fd => Written(p.Length, Posix.Write(fd, p, 0))); With(Posix.Open($"{d}/f", LibC.O_RDONLY), fd => Assert.Equal(p, Posix.Read(fd, p.Length + 1, 0))); }),
        ("a write in the middle", d => With(New($"{d}/f"), fd => { Written(10_000, Posix.Write(fd, new byte[10_000], 0)); Written(2, Posix.Write(fd, Bytes("ab"), 4095)); Assert.Equal(Bytes("\0ab\0"), Posix.Read(fd, 4, 4094)); Assert.Equal(10_000UL, Posix.StatusOf(fd).Size); })),
        ("reading past the end gives nothing", d => With(New($"{d}/f"), fd => { Written(3, Posix.Write(fd, Bytes("abc"), 0)); Assert.Empty(Posix.Read(fd, 5, 3)); Assert.Empty(Posix.Read(fd, 5, 1 << 20)); })),
        ("a write past the end leaves zeros", d => With(New($"{d}/f"), fd => { Written(1, Posix.Write(fd, Bytes("x"), 70_000)); Assert.All(Posix.Read(fd, 70_000, 0), b => Assert.Equal(0, b)); Assert.Equal(70_001UL, Posix.StatusOf(fd).Size); })),
        ("a byte at 4 TiB", d => With(New($"{d}/f"), fd => { Written(1, Posix.Write(fd, Bytes("x"), 4L << 40)); Assert.Equal((ulong)(4L << 40) + 1, Posix.StatusOf(fd).Size); Assert.Equal(Bytes("x"), Posix.Read(fd, 9, 4L << 40)); })),
        ("truncating shortens and lengthens with zeros", d => With(New($"{d}/f"), fd => { Written(6, Posix.Write(fd, Bytes("abcdef"), 0)); Ok(Posix.Truncate(fd, 3)); Ok(Posix.Truncate(fd, 6)); Assert.Equal(Bytes("abc\0\0\0"), Posix.Read(fd, 9, 0)); })),
        ("truncating within a page clears the rest of it", d => With(New($"{d}/f"), fd => { Written(Page, Posix.Write(fd, Pattern(Page), 0)); Ok(Posix.Truncate(fd, 100)); Ok(Posix.Truncate(fd, Page)); Assert.All(Posix.Read(fd, Page, 100), b => Assert.Equal(0, b)); })),
        ("truncating a file opened for reading: EINVAL", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDONLY), fd => Fails(Errno.EINVAL, Posix.Truncate(fd, 0))); }),
        ("truncating to a negative length: EINVAL", d => With(New($"{d}/f"), fd => Fails(Errno.EINVAL, Posix.Truncate(fd, -1)))),
        ("writing through a descriptor for reading: EBADF", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDONLY), fd => Fails(-Errno.EBADF, Posix.Write(fd, Bytes("x"), 0))); }),
        ("a file opened for writing only is written page by part", d => { Put($"{d}/f", new string('a', 9000)); With(Posix.Open($"{d}/f", LibC.O_WRONLY), fd => Written(1, Posix.Write(fd, Bytes("b"), 4500))); Assert.Equal(new string('a', 4500) + "b" + new string('a', 4499), Text($"{d}/f")); }),
        ("opening a directory for writing: EISDIR", d => Fails(-Errno.EISDIR, Posix.Open(d, LibC.O_RDWR))),
        ("O_DIRECTORY on a file: ENOTDIR", d => { Put($"{d}/f"); Fails(-Errno.ENOTDIR, Posix.Open($"{d}/f", LibC.O_RDONLY | LibC.O_DIRECTORY)); }),
        ("the position moves with reads and writes", d => With(New($"{d}/f"), fd => { Written(3, Posix.Write(fd, Bytes("abc"))); Assert.Equal(3, Posix.Seek(fd, 0, LibC.SEEK_CUR)); Assert.Equal(3, Posix.Seek(fd, 0, LibC.SEEK_END)); Assert.Equal(1, Posix.Seek(fd, 1, LibC.SEEK_SET)); Written(1, Posix.Write(fd, Bytes("X"))); Assert.Equal(Bytes("aXc"), Posix.Read(fd, 9, 0)); })),
        ("a write of no bytes changes nothing", d => With(New($"{d}/f"), fd => { Written(0, Posix.Write(fd, [], 100)); Assert.Equal(0UL, Posix.StatusOf(fd).Size); })),
        ("a descriptor sees what another one truncated", d => With(New($"{d}/f"), fd => { Written(9, Posix.Write(fd, Bytes("abcdefghi"), 0)); Put($"{d}/f", ""); Assert.Empty(Posix.Read(fd, 9, 0)); })),
        ("1,000 files are all there", d => { for (int i = 0; i < 1000; i++) Put($"{d}/{i}", $"{i}"); Assert.Equal(1000, Posix.List(d).Length); Assert.Equal("777", Text($"{d}/777")); }),
        ("flock excludes another descriptor", d => With(New($"{d}/f"), fd => With(New($"{d}/f"), other => { Assert.Equal(0, Posix.flock(fd, Posix.LOCK_EX)); Assert.Equal(-1, Posix.flock(other, Posix.LOCK_EX | Posix.LOCK_NB)); Assert.Equal(Errno.EAGAIN, Errno.Last); Assert.Equal(0, Posix.flock(fd, Posix.LOCK_UN)); Assert.Equal(0, Posix.flock(other, Posix.LOCK_EX | Posix.LOCK_NB)); }))),
        ("open file description locks (fcntl) exclude another descriptor", d => With(New($"{d}/f"), fd => With(New($"{d}/f"), other => { Ok(Posix.LockRange(fd, 0, 10)); Fails(Errno.EAGAIN, Posix.LockRange(other, 5, 10)); Ok(Posix.LockRange(other, 10, 10)); }))),
    ];

    private static (string Name, Action<string> Body)[] Flags { get; } =
    [
        ("O_APPEND from two descriptors loses nothing", d => { Put($"{d}/f", ""); With(Posix.Open($"{d}/f", LibC.O_WRONLY | LibC.O_APPEND), a => With(Posix.Open($"{d}/f", LibC.O_WRONLY | LibC.O_APPEND), b => { for (int i = 0; i < 50; i++) { Written(3, Posix.Write(a, Bytes("aaa"))); Written(2, Posix.Write(b, Bytes("bb"))); } })); Assert.Equal(string.Concat(Enumerable.Repeat("aaabb", 50)), Text($"{d}/f")); }),
        ("O_APPEND from two threads loses nothing", d => { Put($"{d}/f", ""); Parallel.For(0, 4, i => With(Posix.Open($"{d}/f", LibC.O_WRONLY | LibC.O_APPEND), fd => { for (int n = 0; n < 50; n++) Written(7, Posix.Write(fd, Bytes($"line {i}\n"))); })); Assert.Equal(200, Text($"{d}/f").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); Assert.All(Text($"{d}/f").Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.Equal(6, l.Length)); }),
        ("O_APPEND ignores the position", d => { Put($"{d}/f", "abc"); With(Posix.Open($"{d}/f", LibC.O_RDWR | LibC.O_APPEND), fd => { Posix.Seek(fd, 0, LibC.SEEK_SET); Written(1, Posix.Write(fd, Bytes("d"))); }); Assert.Equal("abcd", Text($"{d}/f")); }),
        ("O_SYNC", d => { With(New($"{d}/f", LibC.O_SYNC), fd => Written(3, Posix.Write(fd, Bytes("abc"), 0))); Assert.Equal("abc", Text($"{d}/f")); }),
        ("O_DSYNC and O_APPEND", d => { With(New($"{d}/f", LibC.O_DSYNC | LibC.O_APPEND), fd => { Written(3, Posix.Write(fd, Bytes("abc"))); Written(3, Posix.Write(fd, Bytes("def"))); }); Assert.Equal("abcdef", Text($"{d}/f")); }),
        ("O_DIRECT writes and reads aligned", d => With(New($"{d}/f", LibC.O_DIRECT), fd => Aligned(4 * Page, (memory, span) => { Pattern(span.Length).CopyTo(span); Assert.Equal(span.Length, (int)LibC.pwrite(fd, memory, (nuint)span.Length, 0)); byte[] before = span.ToArray(); span.Clear(); Assert.Equal(span.Length, (int)LibC.pread(fd, memory, (nuint)span.Length, 0)); Assert.Equal(before, span.ToArray()); }))),
        ("O_DIRECT sees what was written through the cache, and the other way", d => With(New($"{d}/f"), cached => With(Posix.Open($"{d}/f", LibC.O_RDWR | LibC.O_DIRECT), direct => Aligned(Page, (memory, span) => { Written(Page, Posix.Write(cached, Pattern(Page, 3), 0)); Assert.Equal(Page, (int)LibC.pread(direct, memory, Page, 0)); Assert.Equal(Pattern(Page, 3), span.ToArray()); Pattern(Page, 4).CopyTo(span); Assert.Equal(Page, (int)LibC.pwrite(direct, memory, Page, 0)); Assert.Equal(Pattern(Page, 4), Posix.Read(cached, Page, 0)); })))),
        ("fsync, fdatasync and syncfs", d => With(New($"{d}/f"), fd => { Written(3, Posix.Write(fd, Bytes("abc"), 0)); Ok(Posix.Fsync(fd)); Assert.Equal(0, LibC.fdatasync(fd)); Assert.Equal(0, LibC.syncfs(fd)); })),
        ("fsync of a directory", d => With(Posix.Open(d, LibC.O_RDONLY | LibC.O_DIRECTORY), fd => Ok(Posix.Fsync(fd)))),
        ("fsync of an unlinked file", d => With(New($"{d}/f"), fd => { Written(3, Posix.Write(fd, Bytes("abc"), 0)); Ok(Posix.Unlink($"{d}/f")); Ok(Posix.Fsync(fd)); })),
        ("O_RDONLY and O_TRUNC truncate", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDONLY | LibC.O_TRUNC), _ => { }); Assert.Equal("", Text($"{d}/f")); }),
        ("O_PATH gives attributes only", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_PATH), fd => { Assert.Equal(7UL, Posix.StatusOf(fd).Size); Fails(-Errno.EBADF, Posix.Write(fd, Bytes("x"), 0)); }); }),
    ];

    private static (string Name, Action<string> Body)[] Sparse { get; } =
    [
        ("fallocate lengthens", d => With(New($"{d}/f"), fd => { Ok(Posix.Allocate(fd, 0, 0, 100_000)); Assert.Equal(100_000UL, Posix.StatusOf(fd).Size); Assert.All(Posix.Read(fd, 100, 99_900), b => Assert.Equal(0, b)); })),
        ("fallocate KEEP_SIZE does not", d => With(New($"{d}/f"), fd => { Ok(Posix.Allocate(fd, LibC.FALLOC_FL_KEEP_SIZE, 0, 100_000)); Assert.Equal(0UL, Posix.StatusOf(fd).Size); })),
        ("PUNCH_HOLE makes zeros", d => With(New($"{d}/f"), fd => { Written(5 * Page, Posix.Write(fd, Pattern(5 * Page), 0)); Ok(Posix.Allocate(fd, LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, Page, 2 * Page)); Assert.All(Posix.Read(fd, 2 * Page, Page), b => Assert.Equal(0, b)); Assert.Equal(Pattern(5 * Page)[..Page], Posix.Read(fd, Page, 0)); Assert.Equal(Pattern(5 * Page)[(3 * Page)..], Posix.Read(fd, 5 * Page, 3 * Page)); })),
        ("PUNCH_HOLE within pages", d => With(New($"{d}/f"), fd => { Written(3 * Page, Posix.Write(fd, Pattern(3 * Page), 0)); Ok(Posix.Allocate(fd, LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, 100, 2 * Page)); byte[] expected = Pattern(3 * Page); expected.AsSpan(100, 2 * Page).Clear(); Assert.Equal(expected, Posix.Read(fd, 3 * Page, 0)); })),
        ("PUNCH_HOLE without KEEP_SIZE: EOPNOTSUPP", d => With(New($"{d}/f"), fd => Fails(Errno.EOPNOTSUPP, Posix.Allocate(fd, LibC.FALLOC_FL_PUNCH_HOLE, 0, Page)))),
        ("ZERO_RANGE", d => With(New($"{d}/f"), fd => { Written(3 * Page, Posix.Write(fd, Pattern(3 * Page), 0)); Ok(Posix.Allocate(fd, LibC.FALLOC_FL_ZERO_RANGE, Page, 5 * Page)); Assert.Equal(6UL * Page, Posix.StatusOf(fd).Size); Assert.All(Posix.Read(fd, 5 * Page, Page), b => Assert.Equal(0, b)); })),
        ("fallocate of no bytes: EINVAL", d => With(New($"{d}/f"), fd => Fails(Errno.EINVAL, Posix.Allocate(fd, 0, 0, 0)))),
        ("fallocate through a descriptor for reading: EBADF", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDONLY), fd => Fails(Errno.EBADF, Posix.Allocate(fd, 0, 0, 10))); }),
        ("SEEK_DATA and SEEK_HOLE miss no data", d => With(New($"{d}/f"), fd => { Ok(Posix.Truncate(fd, 1 << 20)); Written(Page, Posix.Write(fd, Pattern(Page), 512 << 10)); Ok(Posix.Fsync(fd)); Assert.InRange(Posix.Seek(fd, 0, LibC.SEEK_DATA), 0, 512 << 10); Assert.InRange(Posix.Seek(fd, 512 << 10, LibC.SEEK_HOLE), (512 << 10) + Page, 1 << 20); })),
        ("SEEK_DATA misses no data that are still in the cache", d => With(New($"{d}/f"), fd => { Ok(Posix.Truncate(fd, 1 << 20)); Written(Page, Posix.Write(fd, Pattern(Page), 512 << 10)); Assert.InRange(Posix.Seek(fd, 0, LibC.SEEK_DATA), 0, 512 << 10); })),
        ("SEEK_DATA past the end: ENXIO", d => { Put($"{d}/f"); With(Posix.Open($"{d}/f", LibC.O_RDONLY), fd => Assert.Equal(-Errno.ENXIO, Posix.Seek(fd, 100, LibC.SEEK_DATA))); }),
        ("a sparse file takes little room", d => With(New($"{d}/f"), fd => { Ok(Posix.Truncate(fd, 1 << 30)); Ok(Posix.Fsync(fd)); Assert.InRange(Posix.StatusOf(fd).Blocks, 0UL, 64UL); })),
    ];

    private static (string Name, Action<string> Body)[] Memory { get; } =
    [
        ("a private map shows the content", d => { Put($"{d}/f", "abc"); With(Posix.Open($"{d}/f", LibC.O_RDONLY), fd => Mapped(fd, Posix.PROT_READ, Posix.MAP_PRIVATE, span => Assert.Equal(Bytes("abc"), span[..3].ToArray()))); }),
        ("what a shared map changes is in the file after msync", d => { Put($"{d}/f", new string('a', 2 * Page)); With(Posix.Open($"{d}/f", LibC.O_RDWR), fd => Mapped(fd, Posix.PROT_READ | Posix.PROT_WRITE, Posix.MAP_SHARED, span => { span[5] = (byte)'X'; Sync(span); Assert.Equal(Bytes("aXa"), Posix.Read(fd, 3, 4)); })); Assert.Equal('X', Text($"{d}/f")[5]); }),
        ("what is written is seen in a shared map", d => { Put($"{d}/f", new string('a', Page)); With(Posix.Open($"{d}/f", LibC.O_RDWR), fd => Mapped(fd, Posix.PROT_READ, Posix.MAP_SHARED, span => { Assert.Equal((byte)'a', span[7]); Written(1, Posix.Write(fd, Bytes("b"), 7)); Assert.Equal((byte)'b', span[7]); })); }),
        ("a shared map of an unlinked file", d => With(New($"{d}/f"), fd => { Ok(Posix.Truncate(fd, Page)); Ok(Posix.Unlink($"{d}/f")); Mapped(fd, Posix.PROT_READ | Posix.PROT_WRITE, Posix.MAP_SHARED, span => { span[0] = 1; Sync(span); Assert.Equal(1, Posix.Read(fd, 1, 0)[0]); }); })),
        ("a shared map of a file opened O_DIRECT", d => { Put($"{d}/f", new string('a', Page)); With(Posix.Open($"{d}/f", LibC.O_RDWR | LibC.O_DIRECT), fd => Mapped(fd, Posix.PROT_READ | Posix.PROT_WRITE, Posix.MAP_SHARED, span => { span[1] = (byte)'Y'; Sync(span); })); Assert.Equal("aYa", Text($"{d}/f")[..3]); }),
    ];

    private delegate void SpanBody(Span<byte> span);

    private delegate void MemoryBody(byte* memory, Span<byte> span);

    private static void Mapped(int fd, int protection, int flags, SpanBody body)
    {
        nint address = Posix.mmap(null, Page, protection, flags, fd, 0);
        Assert.True(address != -1, Errno.Describe("mmap", Errno.Last));
        try
        {
            body(new Span<byte>((void*)address, Page));
        }
        finally
        {
            Assert.Equal(0, Posix.munmap(address, Page));
        }
    }

    private static void Sync(Span<byte> span)
    {
        fixed (byte* address = span)
            Assert.True(Posix.msync((nint)address, (nuint)span.Length, Posix.MS_SYNC) == 0, Errno.Describe("msync", Errno.Last));
    }

    private static void Aligned(int bytes, MemoryBody body)
    {
        byte* memory = (byte*)System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)bytes, Page);
        try
        {
            body(memory, new Span<byte>(memory, bytes));
        }
        finally
        {
            System.Runtime.InteropServices.NativeMemory.AlignedFree(memory);
        }
    }
}
