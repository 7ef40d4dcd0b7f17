using System.Text;
using SafeKit.Mirror.Fuse;

namespace SafeKit.Mirror.FileSystem;

/// <summary>Our mounts in /proc/self/mountinfo (proc(5)): read without touching any of them.</summary>
internal static class MountTable
{
    private const string Table = "/proc/self/mountinfo";
    private const int DeviceField = 2;
    private const int MountPointField = 4;

    /// <summary>Mount points of replicated directories, in the order of mounting.</summary>
    public static IReadOnlyList<string> Replicated() => Replicated(File.ReadLines(Table));

    public static IReadOnlyList<string> Replicated(IEnumerable<string> lines) =>
        [.. Entries(lines).Select(fields => Unescape(fields[MountPointField]))];

    /// <summary>Major and minor number, joined by a colon, of the replicated mount that was made last at a path; null where there is none.</summary>
    public static string? Device(string path) =>
        Entries(File.ReadLines(Table)).LastOrDefault(fields => Unescape(fields[MountPointField]) == path)?[DeviceField];

    private static IEnumerable<string[]> Entries(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-");
            if (separator > MountPointField && separator + 1 < fields.Length && fields[separator + 1] == FuseConnection.FileSystemType)
                yield return fields;
        }
    }

    /// <summary>The replicated directory that a path is or lies in; null where there is none.</summary>
    public static string? ReplicatedAbove(string path) =>
        Replicated().FirstOrDefault(point => path == point || path.StartsWith(point + "/", StringComparison.Ordinal));

    /// <summary>Blank, tab, newline and backslash stand there as a backslash and three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }
        return result.ToString();
    }
}
