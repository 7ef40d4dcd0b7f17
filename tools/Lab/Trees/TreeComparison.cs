using System.Globalization;
using System.Text;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Trees;

/// <summary>
/// Compares two directories byte by byte: names, types, modes, owners, modification times, extended attributes and ACLs, hard links, symbolic
/// links, device numbers, contents (a hole is as good as zeros). Times of access and of change of status are not compared: nobody can set
/// the latter, and reading sets the former.
/// </summary>
public sealed class TreeComparison
{
    private const int DifferencesShown = 20;
    private const int BlockBytes = 1 << 20;

    private readonly HashSet<string> _excluded;
    private readonly HashSet<string> _foldersWithExcluded;
    private readonly List<string> _differences = [];
    private readonly Dictionary<ulong, string> _firstNameLeft = [];
    private readonly Dictionary<ulong, string> _firstNameRight = [];
    private readonly byte[] _leftBlock = new byte[BlockBytes];
    private readonly byte[] _rightBlock = new byte[BlockBytes];
    private long _differenceCount;
    private long _entries;
    private long _bytes;

    private TreeComparison(IEnumerable<string> excluded)
    {
        _excluded = excluded.ToHashSet();
        _foldersWithExcluded = _excluded.Select(path => Path.GetDirectoryName(path) ?? "").ToHashSet();
    }

    /// <param name="excluded">Relative paths that are left to each side, with all below them.</param>
    /// <exception cref="LabException">Something cannot be read.</exception>
    public static TreeReport Run(string left, string right, params IEnumerable<string> excluded)
    {
        var comparison = new TreeComparison(excluded);
        comparison.CompareEntry(TreeFiles.Root(left), TreeFiles.Root(right), "");
        return new TreeReport(comparison._entries, comparison._bytes, comparison._differenceCount, comparison._differences);
    }

    private void CompareEntry(byte[] left, byte[] right, string path)
    {
        _entries++;
        var first = TreeFiles.Status(left);
        var second = TreeFiles.Status(right);
        if (first.Mode != second.Mode)
            Differ(path, "mode", Octal(first.Mode), Octal(second.Mode));
        if ((first.Mode & 0xF000) != (second.Mode & 0xF000))
            return;
        CompareAttributes(left, right, path, first, second);
        if (first.IsDirectory)
            CompareFolders(left, right, path);
        else if (first.IsSymbolicLink)
            Compare(path, "target", TreeFiles.LinkTarget(left), TreeFiles.LinkTarget(right));
        else if (first.IsFile)
            CompareContents(left, right, path, first, second);
    }

    private void CompareAttributes(byte[] left, byte[] right, string path, in FileStatus first, in FileStatus second)
    {
        Compare(path, "owner", $"{first.UserId}:{first.GroupId}", $"{second.UserId}:{second.GroupId}");
        Compare(path, "device", $"{first.DeviceMajor}:{first.DeviceMinor}", $"{second.DeviceMajor}:{second.DeviceMinor}");
        // What is left to each side changes the times of the directory that holds it.
        if (!first.IsDirectory || !_foldersWithExcluded.Contains(path))
            Compare(path, "mtime", Time(first), Time(second));
        Compare(path, "xattrs", string.Join(' ', TreeFiles.Xattrs(left)), string.Join(' ', TreeFiles.Xattrs(right)));
        if (first.IsDirectory)
            return;
        Compare(path, "links", $"{first.Links}", $"{second.Links}");
        Compare(path, "first name", FirstName(_firstNameLeft, first, path), FirstName(_firstNameRight, second, path));
    }

    private void CompareFolders(byte[] left, byte[] right, string path)
    {
        var first = TreeFiles.Names(left);
        var second = TreeFiles.Names(right).ToHashSet();
        foreach (var name in first)
        {
            var child = path.Length == 0 ? name : $"{path}/{name}";
            var inBoth = second.Remove(name);
            if (_excluded.Contains(child))
                continue;
            if (inBoth)
                CompareEntry(TreeFiles.Join(left, name), TreeFiles.Join(right, name), child);
            else
                Differ(child, "name", "there", "missing");
        }

        foreach (var child in second.Select(name => path.Length == 0 ? name : $"{path}/{name}").Where(child => !_excluded.Contains(child)))
            Differ(child, "name", "missing", "there");
    }

    private void CompareContents(byte[] left, byte[] right, string path, in FileStatus first, in FileStatus second)
    {
        Compare(path, "size", $"{first.Size}", $"{second.Size}");
        var leftFile = TreeFiles.Open(left);
        var rightFile = TreeFiles.Open(right);
        try
        {
            var size = Math.Min(first.Size, second.Size);
            for (var offset = 0L; offset < size; offset += BlockBytes)
            {
                var leftBytes = TreeFiles.Read(leftFile, _leftBlock, offset);
                var rightBytes = TreeFiles.Read(rightFile, _rightBlock, offset);
                var common = Math.Min(leftBytes, rightBytes);
                _bytes += common;
                var same = _leftBlock.AsSpan(0, common).CommonPrefixLength(_rightBlock.AsSpan(0, common));
                if (same == common)
                    continue;
                Differ(path, $"content at byte {offset + same}", $"{_leftBlock[same]:x2}", $"{_rightBlock[same]:x2}");
                return;
            }
        }
        finally
        {
            _ = FileCalls.close(leftFile);
            _ = FileCalls.close(rightFile);
        }
    }

    // Hard links are the same when the names of one inode on one side are the names of one inode on the other.
    private static string FirstName(Dictionary<ulong, string> names, in FileStatus status, string path)
    {
        if (status.Links == 1)
            return path;
        if (!names.TryGetValue(status.Inode, out var first))
            names[status.Inode] = first = path;
        return first;
    }

    private void Compare(string path, string what, string left, string right)
    {
        if (left != right)
            Differ(path, what, left, right);
    }

    private void Differ(string path, string what, string left, string right)
    {
        _differenceCount++;
        if (_differences.Count < DifferencesShown)
            _differences.Add($"{Readable(path)}: {what}: {Readable(left)} / {Readable(right)}");
    }

    private static string Readable(string latin) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin.Length == 0 ? "-" : latin));

    private static string Octal(ushort mode) => Convert.ToString(mode, 8);

    private static string Time(in FileStatus status) =>
        string.Create(CultureInfo.InvariantCulture, $"{status.MtimeSeconds}.{status.MtimeNanoseconds:000000000}");
}
