using System.Runtime.InteropServices;
using System.Text;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Trees;

/// <summary>Reads a tree by the bytes of its names.</summary>
internal static unsafe class TreeFiles
{
    private const int XattrBytesMax = 64 << 10;
    private const int NameOffset = 19; // struct linux_dirent64: d_ino, d_off, d_reclen, d_type, then the name (getdents64(2))
    private const int LengthOffset = 16;

    /// <summary>Path of a name in a directory, with the ending zero byte that system calls want.</summary>
    public static byte[] Join(byte[] folder, string name) => [.. folder[..^1], (byte)'/', .. Encoding.Latin1.GetBytes(name), 0];

    public static byte[] Root(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    public static FileStatus Status(byte[] path)
    {
        FileStatus status;
        return FileCalls.statx(FileCalls.AT_FDCWD, path, FileCalls.AT_SYMLINK_NOFOLLOW, FileCalls.STATX_BASIC_STATS, &status) == 0
            ? status
            : throw Failure("statx", path);
    }

    /// <summary>The names in a directory without . and .., each byte as one character (Latin-1), in the order of their bytes.</summary>
    public static List<string> Names(byte[] folder)
    {
        var descriptor = FileCalls.open(folder, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC);
        if (descriptor < 0)
            throw Failure("open", folder);
        try
        {
            var names = new List<string>();
            var buffer = stackalloc byte[32 << 10];
            nint length;
            while ((length = FileCalls.getdents64(descriptor, buffer, 32 << 10)) > 0)
            {
                for (nint at = 0; at < length; at += *(ushort*)(buffer + at + LengthOffset))
                    names.Add(Encoding.Latin1.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer + at + NameOffset)));
            }

            if (length < 0)
                throw Failure("getdents64", folder);
            names.RemoveAll(name => name is "." or "..");
            names.Sort(string.CompareOrdinal);
            return names;
        }
        finally
        {
            _ = FileCalls.close(descriptor);
        }
    }

    public static string LinkTarget(byte[] path)
    {
        var buffer = stackalloc byte[4096];
        var length = FileCalls.readlink(path, buffer, 4096);
        return length >= 0 ? Encoding.Latin1.GetString(buffer, (int)length) : throw Failure("readlink", path);
    }

    /// <summary>Extended attributes, ACLs among them, as name and value in hexadecimal, sorted.</summary>
    public static List<string> Xattrs(byte[] path)
    {
        var found = new List<string>();
        var buffer = new byte[XattrBytesMax];
        fixed (byte* target = buffer)
        {
            var length = FileCalls.llistxattr(path, target, XattrBytesMax);
            if (length < 0)
                return found; // the file system has none (ENOTSUP)
            var names = Encoding.Latin1.GetString(buffer, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            foreach (var name in names)
            {
                var value = FileCalls.lgetxattr(path, [.. Encoding.Latin1.GetBytes(name), 0], target, XattrBytesMax);
                found.Add(value < 0 ? $"{name} unreadable" : $"{name}={Convert.ToHexStringLower(buffer, 0, (int)value)}");
            }
        }

        found.Sort(string.CompareOrdinal);
        return found;
    }

    public static int Open(byte[] path)
    {
        var descriptor = FileCalls.open(path, FileCalls.O_RDONLY | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC);
        return descriptor >= 0 ? descriptor : throw Failure("open", path);
    }

    public static int Read(int descriptor, Span<byte> buffer, long offset)
    {
        var filled = 0;
        fixed (byte* target = buffer)
        {
            while (filled < buffer.Length)
            {
                var length = FileCalls.pread(descriptor, target + filled, (nuint)(buffer.Length - filled), offset + filled);
                if (length < 0)
                    throw new LabException($"pread failed: errno {Marshal.GetLastPInvokeError()}");
                if (length == 0)
                    break;
                filled += (int)length;
            }
        }

        return filled;
    }

    private static LabException Failure(string call, byte[] path)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new LabException($"{call} of {Encoding.UTF8.GetString(path.AsSpan(..^1))} failed: errno {errno}");
    }
}
