using System.Security.Cryptography;
using System.Text;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>Two directories, entry by entry: names, types, contents, modes, owners, times, links.</summary>
internal static class TreeComparison
{
    /// <summary>What differs, each with its path; empty: they are identical.</summary>
    public static List<string> Differences(string first, string second)
    {
        SortedDictionary<string, string> one = Describe(first);
        SortedDictionary<string, string> other = Describe(second);
        var differences = new List<string>();
        foreach (string path in one.Keys.Union(other.Keys).Order(StringComparer.Ordinal))
        {
            string left = one.GetValueOrDefault(path, "is missing");
            string right = other.GetValueOrDefault(path, "is missing");
            if (left != right)
                differences.Add($"{path}: {left} | {right}");
        }

        return differences;
    }

    private static SortedDictionary<string, string> Describe(string root)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var firstNames = new Dictionary<ulong, string>();
        var waiting = new Stack<string>([""]);
        while (waiting.TryPop(out string? relative))
        {
            string path = Path.Join(root, relative);
            Statx stat = StatOf(path);
            found[relative] = Describe(path, relative, stat, firstNames);
            if (!stat.IsDirectory)
                continue;

            // In order, so that the first name of a file with several is the same one in both trees.
            foreach (string below in Directory.GetFileSystemEntries(path).Order(StringComparer.Ordinal).Reverse())
                waiting.Push(Path.Join(relative, Path.GetFileName(below)));
        }

        return found;
    }

    private static string Describe(string path, string relative, in Statx stat, Dictionary<ulong, string> firstNames)
    {
        var text = new StringBuilder();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"mode {Convert.ToString(stat.Mode, 8)} owner {stat.UserId}:{stat.GroupId} mtime {stat.MtimeNs}");
        if (stat.IsDirectory)
            return text.ToString();
        if (!firstNames.TryAdd(stat.Inode, relative))
            return $"a link of {firstNames[stat.Inode]}";
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $" links {stat.Links} size {stat.Size}");
        if (stat.IsRegular)
            text.Append(" content ").Append(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))[..16]);
        else
            text.Append(" to ").Append(new FileInfo(path).LinkTarget);
        return text.ToString();
    }

    private static unsafe Statx StatOf(string path)
    {
        Statx stat;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            Assert.Equal(0, LibC.statx(-100, name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &stat));
        return stat;
    }
}
