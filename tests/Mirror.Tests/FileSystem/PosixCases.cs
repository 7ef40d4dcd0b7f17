using System.Text;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>
/// What Linux does with files, one row per statement. Each is run in a plain directory, where it must hold or the row is wrong, and in a mounted one.
/// </summary>
internal static partial class PosixCases
{
    private const uint User = 1001;
    private const uint OtherUser = 1002;

    /// <summary>Built when first asked for: the tables stand in other files, and static fields of several files have no order.</summary>
    private static readonly Lazy<Dictionary<string, Action<string>>> _all = new(() => Tables().SelectMany(t => t).ToDictionary(c => c.Name, c => c.Body));

    public static IReadOnlyDictionary<string, Action<string>> All => _all.Value;

    private static IEnumerable<(string Name, Action<string> Body)[]> Tables() =>
        [Names, Renames, Links, Files, Flags, Sparse, Memory, Attributes, Ownership, Xattrs, Directories, Special];

    private static void Ok(int errno) => Assert.True(errno == 0, Errno.Describe("unexpected", errno));

    private static void Fails(int expected, int errno) =>
        Assert.True(expected == errno, $"expected {Errno.Describe("", expected)}, not {Errno.Describe("", errno)}");

    private static int Opened(int fd)
    {
        Assert.True(fd >= 0, Errno.Describe("open", -fd));
        return fd;
    }

    private static void Written(int expected, int count) => Assert.True(expected == count, $"wrote {count} instead of {expected}");

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static string Put(string path, string text = "content", uint mode = 0x1A4)
    {
        int fd = Opened(Posix.Open(path, LibC.O_CREAT | LibC.O_WRONLY | LibC.O_TRUNC, mode));
        Written(text.Length, Posix.Write(fd, Bytes(text)));
        Ok(Posix.Close(fd));
        return path;
    }

    private static string Text(string path)
    {
        int fd = Opened(Posix.Open(path, LibC.O_RDONLY));
        string text = Encoding.Latin1.GetString(Posix.Read(fd, 1 << 20, 0));
        Ok(Posix.Close(fd));
        return text;
    }

    private static string Folder(string path, uint mode = 0x1ED)
    {
        Ok(Posix.MakeDirectory(path, mode));
        return path;
    }

    private static uint Mode(string path) => Posix.Status(path).Mode & 0xFFFu;

    private static void With(int fd, Action<int> body)
    {
        Opened(fd);
        try
        {
            body(fd);
        }
        finally
        {
            Ok(Posix.Close(fd));
        }
    }
}
