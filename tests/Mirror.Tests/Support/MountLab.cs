using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>A directory of its own, mounted over itself, with a recorder; and another way to it underneath.</summary>
internal sealed class MountLab : IAsyncDisposable
{
    private const string Prefix = "/tmp/safekit-mirror-test-";
    private static readonly Lock _cleaning = new();
    private static int _number;

    private MountLab(string folder, TreeRoot root)
    {
        Path = folder;
        Root = root;
    }

    public string Path { get; }

    public TreeRoot Root { get; }

    public MountedTree? Tree { get; private set; }

    /// <summary>The tree as it is under the mount.</summary>
    public string Below => $"/proc/self/fd/{Root.HandleMount}";

    public static string NewFolder()
    {
        RemoveLeftOvers();
        string folder = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _number)}";
        Directory.CreateDirectory(folder);
        return folder;
    }

    public static MountLab Mount(IChangeRecorder recorder, MountSettings? settings = null, Action<string>? prepare = null)
    {
        MountLab lab = Prepare(prepare);
        lab.Mount(recorder, settings ?? new MountSettings { Index = 0, Wait = WaitPolicy.Sync });
        return lab;
    }

    public static MountLab Prepare(Action<string>? prepare = null)
    {
        string folder = NewFolder();
        prepare?.Invoke(folder);
        return new MountLab(folder, TreeRoot.Open(folder));
    }

    public void Mount(IChangeRecorder recorder, MountSettings settings) => Tree = MountedTree.Mount(Root, settings, recorder);

    public async Task UnmountAsync()
    {
        if (Tree is { } tree)
            await tree.DisposeAsync();
        Tree = null;
    }

    public async ValueTask DisposeAsync()
    {
        await UnmountAsync();
        Root.Dispose();
        Posix.RemoveTree(Path);
    }

    /// <summary>What test runs left that were killed.</summary>
    private static void RemoveLeftOvers()
    {
        lock (_cleaning)
        {
            foreach (string point in MountTable.Replicated().Where(p => p.StartsWith(Prefix, StringComparison.Ordinal)))
            {
                string process = point[Prefix.Length..].Split('-')[0];
                if (!Directory.Exists($"/proc/{process}"))
                    StaleMounts.Unmount(point, LibC.MNT_FORCE | LibC.MNT_DETACH);
            }
        }
    }
}
