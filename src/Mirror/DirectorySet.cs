using System.Text;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror;

/// <summary>The replicated directories of a module, opened from underneath and mounted for one role after the other. Owns roots and mounts.</summary>
internal sealed class DirectorySet : IAsyncDisposable
{
    private readonly IReadOnlyList<ReplicatedDirectory> _directories;
    private readonly IReplicatedDataEvents _events;
    private readonly List<TreeRoot> _roots = [];
    private volatile List<MountedTree> _trees = [];

    private DirectorySet(IReadOnlyList<ReplicatedDirectory> directories, IReplicatedDataEvents events)
    {
        _directories = directories;
        _events = events;
    }

    public IReadOnlyList<IReplicatedTree> Trees => _trees;

    public double LocalDiskUs => _trees.Select(t => t.LocalDiskUs).DefaultIfEmpty().Max();

    /// <summary>What is wrong with a disk, and what to do; null: nothing is known to be.</summary>
    public string? Trouble => _trees.Select(t => t.Trouble).FirstOrDefault(text => text is not null);

    public IReadOnlyList<ReplayRoot> ReplayRoots =>
        [.. _roots.Zip(_directories, (root, directory) => new ReplayRoot(root.Descriptor, directory.Path, Excluded(directory)))];

    /// <param name="events">Told if a mount ends by itself, if a disk refuses, and what is to be logged about mounting.</param>
    /// <exception cref="SafeKitException">A directory cannot be replicated, or something that must be in it is missing.</exception>
    public static DirectorySet Open(IReadOnlyList<ReplicatedDirectory> directories, IReplicatedDataEvents events)
    {
        var set = new DirectorySet(directories, events);
        try
        {
            foreach (ReplicatedDirectory directory in directories)
            {
                StaleMounts.Remove(directory.Path);
                set._roots.Add(TreeRoot.Open(directory.Path));
                Check(directory);
            }

            return set;
        }
        catch
        {
            set.CloseRoots();
            throw;
        }
    }

    public void MountReadOnly() => Mount(new NoRecorder(), isReadOnly: true);

    public void MountForApplication(IChangeRecorder recorder) => Mount(recorder, isReadOnly: false);

    public async Task UnmountAsync()
    {
        List<MountedTree> trees = Interlocked.Exchange(ref _trees, []);
        foreach (MountedTree tree in trees)
            await tree.DisposeAsync();
    }

    /// <summary>Everything of all directories onto the disk, once nothing is mounted over them. Not longer than the limit.</summary>
    /// <returns>What is not known to be on the disk, and why; null where everything is.</returns>
    public async Task<string?> SyncAsync(TimeSpan limit)
    {
        TreeRoot[] roots = [.. _roots];
        Task<string?> sync = Task.Factory.StartNew(() => Sync(roots), TaskCreationOptions.LongRunning);
        return await Task.WhenAny(sync, Task.Delay(limit)) == sync ? await sync : $"it was not finished after {limit.TotalSeconds} s";
    }

    public async ValueTask DisposeAsync()
    {
        await UnmountAsync();
        CloseRoots();
    }

    private void Mount(IChangeRecorder recorder, bool isReadOnly)
    {
        for (int i = 0; i < _roots.Count; i++)
        {
            ReplicatedDirectory directory = _directories[i];
            var settings = new MountSettings
            {
                Index = (byte)i,
                Wait = directory.Wait,
                ReadOnly = isReadOnly,
                NotReplicated = directory.NotReplicated,
                Gone = _events.Failed,
                Trouble = text => _events.Log("rfs", text, critical: true),
                Log = message => _events.Log("replication", message, critical: false),
            };
            _trees = [.. _trees, MountedTree.Mount(_roots[i], settings, recorder)];
        }
    }

    private static string? Sync(IEnumerable<TreeRoot> roots)
    {
        foreach (TreeRoot root in roots)
        {
            if (root.Sync() is not 0 and var errno)
                return $"{root.Path}: {Errno.Describe("syncfs", errno)}";
        }

        return null;
    }

    private void CloseRoots()
    {
        foreach (TreeRoot root in _roots)
            root.Dispose();
        _roots.Clear();
    }

    /// <summary>A disk that is not mounted leaves an empty directory, which must not be taken for the data.</summary>
    private static void Check(ReplicatedDirectory directory)
    {
        foreach (string name in directory.ToCheck)
        {
            if (!Path.Exists(Path.Combine(directory.Path, name)))
                throw new SafeKitException($"{directory.Path}: {name} is missing, which <tocheck> asks for; is the disk mounted?");
        }
    }

    private static Func<ReadOnlySpan<byte>, bool, bool>? Excluded(ReplicatedDirectory directory)
    {
        if (directory.NotReplicated.Count == 0)
            return null;
        return new ExclusionMatcher(directory.NotReplicated).Excludes;
    }
}
