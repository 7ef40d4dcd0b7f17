using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <content>The end of a mount.</content>
public sealed partial class MountedTree
{
    private static readonly TimeSpan _unmountLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _workerLimit = TimeSpan.FromSeconds(2);

    private int _disposed;
    private int _gone;

    /// <summary>What an application changes in the directory from now on is not seen here.</summary>
    void IFuseHandler.ConnectionEnded(int errno)
    {
        if (Volatile.Read(ref _disposed) != 0 || Interlocked.Exchange(ref _gone, 1) != 0)
            return;
        string reason = $"{_root.Path}: the mount is gone ({Errno.Describe("/dev/fuse", errno)}): somebody has unmounted it or aborted it; "
            + "stop the module and start it again";
        _recorder.GiveUpEpoch(reason);
        _settings.Gone(reason);
    }

    /// <summary>
    /// Unmounts: in good order where nobody uses the directory, so that everything cached is written first; else what is cached is written
    /// as far as it goes in
    /// bounded time, and whoever still uses the directory is cut off.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        // The kernel writes what it has cached before it lets go: that takes as long as the workers need, or for ever where they are stuck.
        Task<int> unmount = OnThread(() => StaleMounts.Unmount(_root.Path, 0));
        int? errno = await Within(unmount);
        if (errno != 0)
        {
            if (errno == Errno.EBUSY)
                await Within(OnThread(FlushMount));
            _ = StaleMounts.Unmount(_root.Path, LibC.MNT_FORCE | LibC.MNT_DETACH);
        }
        _stop.Cancel();
        await Task.Run(EndWorkers);
        _sync.Dispose();
        _pending.Close();
        CloseAll();
        _closer.Dispose();
        _connection.Release();
        _requests.Dispose();
    }

    private static Task<int> OnThread(Func<int> action) => Task.Factory.StartNew(action, TaskCreationOptions.LongRunning);

    /// <summary>The result; null where it takes too long.</summary>
    private static async Task<int?> Within(Task<int> task) =>
        await Task.WhenAny(task, Task.Delay(_unmountLimit)) == task ? await task : null;

    /// <summary>Writes what the kernel has cached for files that are still open.</summary>
    private int FlushMount()
    {
        using var path = new DirectoryDescriptor(_root.Path);
        return path.Descriptor < 0 || LibC.syncfs(path.Descriptor) == 0 ? 0 : Errno.Last;
    }

    private void EndWorkers()
    {
        foreach (FuseWorker worker in _workers)
        {
            if (worker.Join(_workerLimit))
                worker.Dispose();
        }
    }

    private void CloseAll()
    {
        foreach (int descriptor in _files.TakeAll())
            _ = LibC.close(descriptor);
        foreach (Inode inode in _inodes.TakeAll())
        {
            if (inode != _rootInode)
                _descriptors.Drop(inode);
        }
    }
}
