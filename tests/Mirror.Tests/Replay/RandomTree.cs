using System.Text;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Replay;

/// <summary>
/// Makes and changes trees at random; the same seed makes the same tree. It changes nothing outside: directories are walked without following symbolic links
/// (which the AllDirectories of System.IO does), no link that it makes leads anywhere, and every path is checked before it is changed.
/// </summary>
internal sealed unsafe class RandomTree
{
    private static readonly string[] _names = ["a", "b", "c", "dd", "ee", "ümläut", "with space", "-dash", "x.tmp"];

    private readonly string _root;
    private readonly Random _random;

    public RandomTree(string root, int seed)
    {
        string temporary = Path.GetFullPath(Path.GetTempPath()).TrimEnd('/') + "/safekit-";
        if (!Path.GetFullPath(root).StartsWith(temporary, StringComparison.Ordinal))
            throw new ArgumentException($"{root} is no folder of a test");
        _root = Path.GetFullPath(root);
        _random = new Random(seed);
    }

    public void Grow(int steps)
    {
        for (int i = 0; i < steps; i++)
            Step();
        foreach (string path in TreeText.Walk(_root).ToArray())
            Adorn(path);
    }

    private void Step()
    {
        string[] all = [.. TreeText.Walk(_root)];
        string folder = Pick(all.Where(p => TreeText.Stat(p).IsDirectory));
        string path = Path.Combine(folder, _names[_random.Next(_names.Length)]);
        string[] files = [.. all.Where(p => TreeText.Stat(p).IsRegular)];
        RefuseOutside(path);
        if (_random.Next(6) == 0)
            Remove(path);
        if (TreeText.Exists(path))
            return;
        switch (_random.Next(8))
        {
            case 0 or 1:
                Directory.CreateDirectory(path);
                break;
            case 2 when files.Length > 0:
                LinkHard(Pick(files), path);
                break;
            case 3:
                File.CreateSymbolicLink(path, Pick(["nowhere", "no/such/path", "/no-such-folder-of-a-test/file"]));
                break;
            case 4:
                Node(path, LibC.S_IFIFO | 0x1A4, 0);
                break;
            case 5:
                Node(path, LibC.S_IFCHR | 0x1A4, (uint)_random.Next(1, 4) | 0x100);
                break;
            default:
                byte[] content = new byte[_random.Next(200_000)];
                _random.NextBytes(content);
                if (_random.Next(2) == 0)
                    content.AsSpan(0, content.Length / 2).Clear();
                File.WriteAllBytes(path, content);
                break;
        }
    }

    private void Adorn(string path)
    {
        RefuseOutside(path);
        Statx stat = TreeText.Stat(path);
        long ns = _random.NextInt64(-1_000_000_000_000_000_000, 2_000_000_000_000_000_000);
        Timespec* times = stackalloc Timespec[2];
        times[0] = Timespec.Omitted;
        times[1] = Timespec.Of(ns);
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"), name = "user.note\0"u8, trusted = "trusted.note\0"u8, value = "some value"u8)
        {
            _ = LibC.fchownat(LibC.AT_FDCWD, text, (uint)_random.Next(3), (uint)_random.Next(3), LibC.AT_SYMLINK_NOFOLLOW);
            if (stat.Type != LibC.S_IFLNK)
                _ = LibC.fchmodat(LibC.AT_FDCWD, text, (uint)_random.Next(0x1000), 0);
            if (stat.IsRegular || stat.IsDirectory)
                _ = LibC.lsetxattr(text, name, value, (nuint)_random.Next(10), 0);
            if (_random.Next(3) == 0)
                _ = LibC.lsetxattr(text, trusted, value, (nuint)_random.Next(10), 0);
            _ = LibC.utimensat(LibC.AT_FDCWD, text, times, LibC.AT_SYMLINK_NOFOLLOW);
        }
    }

    /// <summary>Neither by its text nor by a symbolic link on the way may a path lead out of the tree.</summary>
    private void RefuseOutside(string path)
    {
        if (path != _root && !path.StartsWith(_root + "/", StringComparison.Ordinal))
            throw new InvalidOperationException($"{path} is outside of {_root}");
        for (string? above = Path.GetDirectoryName(path); above is not null && above.Length >= _root.Length; above = Path.GetDirectoryName(above))
        {
            if (!TreeText.Stat(above).IsDirectory)
                throw new InvalidOperationException($"{path} leads through {above}, which is no directory");
        }
    }

    private static void Remove(string path)
    {
        if (!TreeText.Exists(path))
            return;
        if (TreeText.Stat(path).IsDirectory)
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    private static void LinkHard(string from, string to)
    {
        fixed (byte* source = Encoding.UTF8.GetBytes(from + "\0"), target = Encoding.UTF8.GetBytes(to + "\0"))
            _ = LibC.linkat(LibC.AT_FDCWD, source, LibC.AT_FDCWD, target, 0);
    }

    private static void Node(string path, uint mode, uint device)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
            _ = LibC.mknodat(LibC.AT_FDCWD, text, mode, device);
    }

    private string Pick(IEnumerable<string> from)
    {
        string[] all = [.. from.Order(StringComparer.Ordinal)];
        return all[_random.Next(all.Length)];
    }
}
