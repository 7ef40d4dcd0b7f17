using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Fuse.Ring;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// One replicated directory, mounted over itself. Every change that an application makes is made underneath and told to the recorder, in the
/// order that the locks give; see the README of the Mirror for that order.
/// </summary>
public sealed partial class MountedTree : IReplicatedTree, IFuseHandler, IAsyncDisposable
{
    private const int BufferCount = 64;
    private const int SyncThreadCount = 8;
    private const int ResumeWorkerCount = 2;
    private const int OpenDescriptorsMax = 4096;
    private const ulong CacheSeconds = 86400;

    private readonly TreeRoot _root;
    private readonly MountSettings _settings;
    private readonly IChangeRecorder _recorder;
    private readonly FuseConnection _connection;
    private readonly RequestPool _requests = new(BufferCount);
    private readonly PendingReplies _pending;
    private readonly SyncThreads _sync;
    private readonly BackgroundCloser _closer;
    private readonly List<FuseWorker> _workers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly InodeTable _inodes = new();
    private readonly InodeNames _names = new();
    private readonly DescriptorCache _descriptors;
    private readonly OpenFiles _files = new();
    private readonly ExclusionMatcher _exclusions;
    private readonly Inode _rootInode;
    private readonly int _rootPathBytes;
    private readonly bool _writeBack;

    /// <summary>Seconds for which the kernel may believe what it was told.</summary>
    private readonly ulong _cacheSeconds;

    /// <summary>Orders everything that changes names.</summary>
    private readonly Lock _namespace = new();

    private MountedTree(TreeRoot root, MountSettings settings, IChangeRecorder recorder)
    {
        string name = $"fuse {settings.Index}";
        _root = root;
        _settings = settings;
        _recorder = recorder;
        _exclusions = new ExclusionMatcher(settings.NotReplicated);
        _writeBack = !settings.ReadOnly && settings.Wait != WaitPolicy.All;
        _cacheSeconds = settings.ReadOnly ? 0 : CacheSeconds;
        _closer = new BackgroundCloser($"{name} closer");
        _descriptors = new DescriptorCache(root, settings.ReadOnly ? 0 : OpenDescriptorsMax, _closer);
        _rootInode = new Inode(FileId.Root, root.Handle, LibC.S_IFDIR)
        {
            References = 1,
            Slot = new DescriptorSlot { Descriptor = root.Descriptor, Index = -1, Kept = true },
        };
        _inodes.AddRoot(_rootInode);
        _rootPathBytes = Lower.PathOf(root.Descriptor, new byte[PathBytesMax]);
        ulong mountFlags = settings.ReadOnly ? LibC.MS_RDONLY : 0;
        try
        {
            _connection = FuseConnection.Mount(root.Descriptor, root.Path, mountFlags, Features());
        }
        catch
        {
            _closer.Dispose();
            throw;
        }
        settings.Log($"{root.Path}: {_connection.Transport}");
        if (_writeBack && WriteBackShare.Raise(root.Path) is { } hindrance)
            settings.Log(hindrance);
        _pending = new PendingReplies(_connection.Hold, _connection.Release);
        _sync = new SyncThreads(name, SyncThreadCount);
        try
        {
            StartWorkers(name);
        }
        catch
        {
            _ = StaleMounts.Unmount(root.Path, LibC.MNT_FORCE | LibC.MNT_DETACH);
            _sync.Dispose();
            _closer.Dispose();
            _connection.Release();
            throw;
        }
    }

    public byte Index => _settings.Index;

    /// <summary>Moving average of the time that the local disk takes for a barrier, microseconds; 0: there was none yet.</summary>
    public double LocalDiskUs => _sync.AverageUs;

    /// <summary>Mounts the tree over its directory; applications see it when this returns.</summary>
    /// <param name="root">Stays the caller's, and open as long as the mount.</param>
    /// <exception cref="Core.SafeKitException">The kernel refuses the mount.</exception>
    public static MountedTree Mount(TreeRoot root, MountSettings settings, IChangeRecorder recorder) => new(root, settings, recorder);

    private ulong Features()
    {
        ulong features = FuseAbi.AsyncRead | FuseAbi.BigWrites | FuseAbi.DontMask | FuseAbi.DoReadDirPlus | FuseAbi.ReadDirPlusAuto
            | FuseAbi.AsyncDio | FuseAbi.ParallelDirOps | FuseAbi.PosixAcl | FuseAbi.MaxPages | FuseAbi.HandleKillPrivV2 | FuseAbi.SetXattrExt
            | FuseAbi.InitExt | FuseAbi.DirectIoAllowMmap;
        if (!_settings.ReadOnly)
            features |= FuseAbi.OverIoUring;
        return _writeBack ? features | FuseAbi.WritebackCache : features;
    }

    private void StartWorkers(string name)
    {
        for (int i = 0; i < _settings.Workers; i++)
            AddWorker($"{name} worker {i}", new DeviceSource(i == 0 ? _connection.First : _connection.Clone(), _requests));
        for (int i = 0; i < ResumeWorkerCount; i++)
            AddWorker($"{name} resume {i}", new ResumedSource(_requests));
        foreach (RingSource ring in _connection.Rings)
            AddWorker($"{name} ring", ring);
        foreach (FuseWorker worker in _workers)
            worker.Start();
    }

    private void AddWorker(string name, IRequestSource source)
    {
        _connection.Hold();
        _workers.Add(new FuseWorker(name, source, this, _connection.Release, _stop.Token));
    }
}
