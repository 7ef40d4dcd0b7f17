using System.Text;
using SafeKit.Core;
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

    public IReadOnlyList<ReplayRoot> ReplayRoots =>
        [.. _roots.Zip(_directories, (root, directory) => new ReplayRoot(root.Descriptor, directory.Path, Excluded(directory)))];

    /// <param name="events">Told if a mount ends by itself, and what is to be logged about mounting.</param>
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
                Log = message => _events.Log("replication", message, critical: false),
            };
            _trees = [.. _trees, MountedTree.Mount(_roots[i], settings, recorder)];
        }
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
