using System.Text;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>An application that does everything at random below one directory, and nowhere else; what fails, fails.</summary>
internal sealed class RandomWriter
{
    private const int FileBytesMax = 3 << 20;
    private const int EntriesMax = 12;
    private const int DepthMax = 4;

    private readonly string _root;
    private readonly Random _random;
    private readonly bool _movesDirectories;
    private readonly bool _links;

    public RandomWriter(string root, int seed, bool movesDirectories = true, bool links = true)
    {
        Assert.True(Path.IsPathFullyQualified(root) && root.Contains("safekit-mirror-", StringComparison.Ordinal), "a writer stays in the folder of its test");
        _root = root;
        _random = new Random(seed);
        _movesDirectories = movesDirectories;
        _links = links;
    }

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
            Step();
    }

    public void RunUntil(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            Step();
    }

    private void Step()
    {
        try
        {
            Act(_random.Next(100));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Names that are not there, or are of another type: an application meets that too.
        }
    }

    private void Act(int what)
    {
        switch (what)
        {
            case < 45:
                Write(RandomPath());
                break;
            case < 55:
                Truncate(RandomPath());
                break;
            case < 65:
                Directory.CreateDirectory(RandomPath());
                break;
            case < 75:
                Rename(RandomPath(), RandomPath());
                break;
            case < 82 when _links:
                Link(RandomPath(), RandomPath());
                break;
            case < 90:
                File.Delete(RandomPath());
                break;
            case < 93:
                Directory.Delete(RandomPath());
                break;
            case < 96:
                File.SetUnixFileMode(RandomPath(), (UnixFileMode)_random.Next(0x100, 0x200) | UnixFileMode.UserExecute);
                break;
            case < 98:
                File.SetLastWriteTimeUtc(RandomPath(), DateTime.UnixEpoch.AddSeconds(_random.Next()));
                break;
            default:
                File.CreateSymbolicLink(RandomPath(), $"target {_random.Next()}");
                break;
        }
    }

    private string RandomPath()
    {
        var path = new StringBuilder(_root);
        int depth = _random.Next(1, DepthMax + 1);
        for (int i = 0; i < depth; i++)
            path.Append('/').Append('n').Append(_random.Next(EntriesMax));
        return path.ToString();
    }

    private void Write(string path)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        byte[] data = new byte[_random.Next(4) == 0 ? _random.Next(1, 200_000) : _random.Next(1, 9000)];
        _random.NextBytes(data);
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            file.Position = _random.Next(3) == 0 ? _random.Next(FileBytesMax) : file.Position;
            file.Write(data);
        }

        if (_random.Next(10) == 0)
            file.Flush(flushToDisk: true);
    }

    private void Truncate(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.SetLength(_random.Next(2) == 0 ? 0 : _random.Next(FileBytesMax));
    }

    private void Rename(string from, string to)
    {
        if (!_movesDirectories && (Directory.Exists(from) || Directory.Exists(to)))
            return;
        Call(from, to, isRename: true);
    }

    private static void Link(string from, string to) => Call(from, to, isRename: false);

    private static unsafe void Call(string from, string to, bool isRename)
    {
        fixed (byte* first = Encoding.UTF8.GetBytes(from + "\0"), second = Encoding.UTF8.GetBytes(to + "\0"))
        {
            int result = isRename ? LibC.renameat2(-100, first, -100, second, 0) : LibC.linkat(-100, first, -100, second, 0);
            if (result != 0)
                throw new IOException("refused");
        }
    }
}
