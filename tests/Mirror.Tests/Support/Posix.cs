using System.Runtime.InteropServices;
using System.Text;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>
/// System calls by path for tests. They return 0 or errno, those that give a descriptor or a count: that or minus errno. A path's characters are its
/// bytes (Latin-1), so that any byte can stand in a name.
/// </summary>
internal static unsafe partial class Posix
{
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;
    public const int LOCK_UN = 8;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_PRIVATE = 2;
    public const int MS_SYNC = 4;

    public static byte[] Bytes(string path) => Encoding.Latin1.GetBytes(path + "\0");

    public static int Open(string path, int flags, uint mode = 0x1A4)
    {
        fixed (byte* name = Bytes(path))
            return OrErrno(LibC.open(name, flags | LibC.O_CLOEXEC, mode));
    }

    public static int Close(int fd) => Result(LibC.close(fd));

    public static int MakeDirectory(string path, uint mode = 0x1ED)
    {
        fixed (byte* name = Bytes(path))
            return Result(LibC.mkdirat(LibC.AT_FDCWD, name, mode));
    }

    public static int RemoveDirectory(string path)
    {
        fixed (byte* name = Bytes(path))
            return Result(LibC.unlinkat(LibC.AT_FDCWD, name, LibC.AT_REMOVEDIR));
    }

    public static int Unlink(string path)
    {
        fixed (byte* name = Bytes(path))
            return Result(LibC.unlinkat(LibC.AT_FDCWD, name, 0));
    }

    public static int Rename(string path, string other, uint flags = 0)
    {
        fixed (byte* name = Bytes(path), otherName = Bytes(other))
            return Result(LibC.renameat2(LibC.AT_FDCWD, name, LibC.AT_FDCWD, otherName, flags));
    }

    public static int Link(string path, string other)
    {
        fixed (byte* name = Bytes(path), otherName = Bytes(other))
            return Result(LibC.linkat(LibC.AT_FDCWD, name, LibC.AT_FDCWD, otherName, 0));
    }

    /// <summary>Gives a file that is open, and has no name perhaps, a name.</summary>
    public static int LinkOpen(int fd, string path)
    {
        fixed (byte* name = Bytes($"/proc/self/fd/{fd}"), otherName = Bytes(path))
            return Result(LibC.linkat(LibC.AT_FDCWD, name, LibC.AT_FDCWD, otherName, LibC.AT_SYMLINK_FOLLOW));
    }

    public static int SymbolicLink(string target, string path)
    {
        fixed (byte* name = Bytes(path), to = Bytes(target))
            return Result(LibC.symlinkat(to, LibC.AT_FDCWD, name));
    }

    public static string ReadLink(string path)
    {
        byte[] room = new byte[8192];
        fixed (byte* name = Bytes(path), target = room)
        {
            nint bytes = LibC.readlinkat(LibC.AT_FDCWD, name, target, (nuint)room.Length);
            return bytes < 0 ? $"errno {Errno.Last}" : Encoding.Latin1.GetString(room, 0, (int)bytes);
        }
    }

    public static int MakeNode(string path, uint mode, uint device = 0)
    {
        fixed (byte* name = Bytes(path))
            return Result(LibC.mknodat(LibC.AT_FDCWD, name, mode, device));
    }

    public static int ChangeMode(string path, uint mode)
    {
        fixed (byte* name = Bytes(path))
            return Result(LibC.fchmodat(LibC.AT_FDCWD, name, mode, 0));
    }

    /// <summary>Of the symbolic link itself, if it is one.</summary>
    public static int ChangeOwner(string path, uint user, uint group)
    {
        fixed (byte* name = Bytes(path))
            return Result(LibC.fchownat(LibC.AT_FDCWD, name, user, group, LibC.AT_SYMLINK_NOFOLLOW));
    }

    public static int SetTimes(string path, Timespec access, Timespec modification)
    {
        Timespec* times = stackalloc Timespec[2] { access, modification };
        fixed (byte* name = Bytes(path))
            return Result(LibC.utimensat(LibC.AT_FDCWD, name, times, LibC.AT_SYMLINK_NOFOLLOW));
    }

    public static int TryStatus(string path, out Statx status)
    {
        fixed (byte* name = Bytes(path))
        fixed (Statx* result = &status)
            return Result(LibC.statx(LibC.AT_FDCWD, name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS | LibC.STATX_BTIME, result));
    }

    public static Statx Status(string path)
    {
        int errno = TryStatus(path, out Statx status);
        Assert.True(errno == 0, Errno.Describe($"stat {path}", errno));
        return status;
    }

    public static Statx StatusOf(int fd)
    {
        Statx status;
        byte empty = 0;
        Assert.Equal(0, LibC.statx(fd, &empty, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &status));
        return status;
    }

    public static int Write(int fd, ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* source = data)
            return (int)OrErrno(LibC.pwrite(fd, source, (nuint)data.Length, offset));
    }

    /// <summary>At the descriptor's own position.</summary>
    public static int Write(int fd, ReadOnlySpan<byte> data)
    {
        fixed (byte* source = data)
            return (int)OrErrno(LibC.write(fd, source, (nuint)data.Length));
    }

    public static byte[] Read(int fd, int count, long offset)
    {
        byte[] room = new byte[count];
        fixed (byte* target = room)
        {
            nint bytes = LibC.pread(fd, target, (nuint)count, offset);
            Assert.True(bytes >= 0, Errno.Describe("pread", Errno.Last));
            return room[..(int)bytes];
        }
    }

    public static int Truncate(int fd, long length) => Result(LibC.ftruncate(fd, length));

    public static int Allocate(int fd, int mode, long offset, long length) => Result(LibC.fallocate(fd, mode, offset, length));

    public static long Seek(int fd, long offset, int whence) => OrErrno((nint)LibC.lseek(fd, offset, whence));

    public static int Fsync(int fd) => Result(LibC.fsync(fd));

    public static int SetXattr(string path, string name, ReadOnlySpan<byte> value, int flags = 0)
    {
        byte[] held = [.. value, 0];
        fixed (byte* file = Bytes(path), key = Bytes(name), data = held)
            return Result(LibC.lsetxattr(file, key, data, (nuint)value.Length, flags));
    }

    /// <summary>Of what an O_PATH descriptor means.</summary>
    public static int SetXattrOf(int fd, string name, ReadOnlySpan<byte> value)
    {
        byte[] held = [.. value, 0];
        fixed (byte* file = Bytes($"/proc/self/fd/{fd}"), key = Bytes(name), data = held)
            return Result(LibC.setxattr(file, key, data, (nuint)value.Length, 0));
    }

    public static int RemoveXattrOf(int fd, string name)
    {
        fixed (byte* file = Bytes($"/proc/self/fd/{fd}"), key = Bytes(name))
            return Result(LibC.removexattr(file, key));
    }

    public static byte[]? GetXattr(string path, string name)
    {
        byte[] room = new byte[LibC.XATTR_SIZE_MAX];
        fixed (byte* file = Bytes(path), key = Bytes(name), data = room)
        {
            nint bytes = LibC.lgetxattr(file, key, data, (nuint)room.Length);
            return bytes < 0 ? null : room[..(int)bytes];
        }
    }

    public static string[] ListXattrs(string path)
    {
        byte[] room = new byte[LibC.XATTR_SIZE_MAX];
        fixed (byte* file = Bytes(path), data = room)
        {
            nint bytes = LibC.llistxattr(file, data, (nuint)room.Length);
            Assert.True(bytes >= 0, Errno.Describe("listxattr", Errno.Last));
            return [.. Encoding.Latin1.GetString(room, 0, (int)bytes).Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        }
    }

    public static int RemoveXattr(string path, string name)
    {
        fixed (byte* file = Bytes(path), key = Bytes(name))
            return Result(LibC.lremovexattr(file, key));
    }

    public static Statfs FileSystemStatus(string path)
    {
        Statfs status;
        fixed (byte* name = Bytes(path))
            Assert.Equal(0, LibC.statfs(name, &status));
        return status;
    }

    /// <summary>Entries of an open directory from where it stands, with their offsets, until its end or so many.</summary>
    public static List<(string Name, long Offset)> ReadEntries(int fd, int atMost = int.MaxValue)
    {
        var entries = new List<(string, long)>();
        byte[] room = new byte[4096];
        fixed (byte* buffer = room)
        {
            while (entries.Count < atMost)
            {
                nint bytes = LibC.getdents64(fd, buffer, (nuint)room.Length);
                Assert.True(bytes >= 0, Errno.Describe("getdents64", Errno.Last));
                if (bytes == 0)
                    break;
                for (byte* entry = buffer; entry < buffer + bytes; entry += *(ushort*)(entry + 16))
                {
                    string name = Encoding.Latin1.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + LibC.DirentNameOffset));
                    entries.Add((name, *(long*)(entry + 8)));
                }
            }
        }
        return entries;
    }

    public static string[] List(string path)
    {
        int fd = Open(path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        Assert.True(fd >= 0, Errno.Describe($"open {path}", -fd));
        var names = ReadEntries(fd).Select(e => e.Name).Where(n => n is not ("." or "..")).Order(StringComparer.Ordinal);
        string[] result = [.. names];
        Close(fd);
        return result;
    }

    /// <summary>Removes a directory and all below it, whatever bytes the names consist of.</summary>
    public static void RemoveTree(string path)
    {
        foreach (string name in List(path))
        {
            if (Status($"{path}/{name}").IsDirectory)
                RemoveTree($"{path}/{name}");
            else
                Assert.Equal(0, Unlink($"{path}/{name}"));
        }
        Assert.Equal(0, RemoveDirectory(path));
    }

    /// <summary>
    /// Runs on a thread with this umask and file system identity: permissions, ownership and capabilities of the calls are those of that user (setfsuid(2)).
    /// </summary>
    public static void As(uint user, uint group, uint umask, Action body)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Assert.Equal(0, LibC.unshare(LibC.CLONE_FS));
                _ = LibC.umask(umask);
                _ = LibC.setfsgid(group);
                _ = LibC.setfsuid(user);
                body();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.IsBackground = true;
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(20)), "a call as another user hangs");
        if (failure is not null)
            throw new Xunit.Sdk.XunitException($"as user {user}: {failure}");
    }

    /// <summary>An exclusive lock of a range that belongs to the open file (F_OFD_SETLK of fcntl(2)); does not wait.</summary>
    public static int LockRange(int fd, long start, long length)
    {
        const int SetLock = 37;
        const short WriteLock = 1;
        var range = new FileLock { Type = WriteLock, Start = start, Length = length };
        return fcntl(fd, SetLock, &range) < 0 ? Errno.Last : 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, FileLock* range);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int munmap(nint address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int msync(nint address, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(int fd, int operation);

    private static int Result(int result) => result == 0 ? 0 : Errno.Last;

    private static int OrErrno(int result) => result < 0 ? -Errno.Last : result;

    private static nint OrErrno(nint result) => result < 0 ? -Errno.Last : result;
}
