using System.Security.Cryptography;
using System.Text;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Replay;

/// <summary>A tree as lines of text, everything in them that must be the same on both nodes.</summary>
internal static unsafe class TreeText
{
    public static string[] Of(string root)
    {
        var firstOf = new Dictionary<ulong, string>();
        var lines = new List<string>();
        foreach (string path in Walk(root).Order(StringComparer.Ordinal))
        {
            Statx stat = Stat(path);
            string name = Path.GetRelativePath(root, path);
            firstOf.TryAdd(stat.Inode, name);
            lines.Add($"{name} {Convert.ToString(stat.Mode, 8)} {stat.UserId}:{stat.GroupId} {stat.MtimeNs} {firstOf[stat.Inode]} {Content(path, stat)} {Xattrs(path)}");
        }

        return [.. lines];
    }

    /// <summary>The directory and everything below it. Symbolic links are entries and nothing more: System.IO's AllDirectories would go through them, out of the tree.</summary>
    public static IEnumerable<string> Walk(string root)
    {
        yield return root;
        foreach (string path in Directory.GetFileSystemEntries(root))
        {
            if (!Stat(path).IsDirectory)
            {
                yield return path;
                continue;
            }

            foreach (string below in Walk(path))
                yield return below;
        }
    }

    /// <summary>Whether something has this name, be it a symbolic link to nowhere.</summary>
    public static bool Exists(string path)
    {
        Statx stat;
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
            return LibC.statx(LibC.AT_FDCWD, text, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &stat) == 0;
    }

    public static Statx Stat(string path)
    {
        Statx stat;
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
        {
            if (LibC.statx(LibC.AT_FDCWD, text, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &stat) != 0)
                throw new FileNotFoundException(path);
        }

        return stat;
    }

    /// <summary>Names and values of the extended attributes, in order of names.</summary>
    public static List<(string Name, byte[] Value)> XattrsOf(string path)
    {
        byte[] room = new byte[65536];
        var found = new List<(string, byte[])>();
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"), target = room)
        {
            nint length = LibC.llistxattr(text, target, (nuint)room.Length);
            string[] names = length <= 0 ? [] : Encoding.UTF8.GetString(room, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            foreach (string name in names.Order(StringComparer.Ordinal))
            {
                fixed (byte* attribute = Encoding.UTF8.GetBytes(name + "\0"))
                {
                    nint bytes = LibC.lgetxattr(text, attribute, target, (nuint)room.Length);
                    found.Add((name, room[..(int)Math.Max(0, bytes)]));
                }
            }
        }

        return found;
    }

    private static string Xattrs(string path) => string.Join(',', XattrsOf(path).Select(x => $"{x.Name}={Convert.ToHexString(x.Value)}"));

    private static string Content(string path, Statx stat) => stat.Type switch
    {
        LibC.S_IFREG => $"{stat.Size} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}",
        LibC.S_IFLNK => new FileInfo(path).LinkTarget!,
        LibC.S_IFDIR => "",
        _ => $"device {stat.Rdev}",
    };
}
