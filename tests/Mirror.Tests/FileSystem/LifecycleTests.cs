using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>How a mount begins and ends, and what it refuses.</summary>
[Collection(MountCollection.Name)]
public class LifecycleTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(40);

    private static MountSettings Settings(bool readOnly = false) => new() { Index = 0, Wait = WaitPolicy.Sync, ReadOnly = readOnly };

    [MountFact]
    public void AMissingDirectoryIsRefusedByName()
    {
        var refusal = Assert.Throws<SafeKitException>(() => TreeRoot.Open("/tmp/safekit-mirror-test-none"));
        Assert.Contains("/tmp/safekit-mirror-test-none", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", refusal.Message, StringComparison.Ordinal);
    }

    [MountFact]
    public void AFileIsRefused() =>
        Assert.Contains("not a directory", Assert.Throws<SafeKitException>(() => TreeRoot.Open("/etc/passwd")).Message, StringComparison.Ordinal);

    [MountFact]
    public async Task ADirectoryBelowAReplicatedOneIsRefused()
    {
        await using MountLab lab = MountLab.Mount(new MemoryRecorder(), prepare: folder => Directory.CreateDirectory($"{folder}/inner"));
        Assert.Contains("replicated already", Assert.Throws<SafeKitException>(() => TreeRoot.Open(lab.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("replicated already", Assert.Throws<SafeKitException>(() => TreeRoot.Open($"{lab.Path}/inner")).Message, StringComparison.Ordinal);
    }

    [MountFact]
    public async Task WhatWasThereIsThereUnderTheMountAndAfterIt()
    {
        await using MountLab lab = MountLab.Prepare(folder => File.WriteAllText($"{folder}/f", "before"));
        ulong inode = Posix.Status(lab.Path).Inode;
        lab.Mount(new MemoryRecorder(), Settings());
        Assert.Contains(lab.Path, MountTable.Replicated());
        Assert.Equal("before", File.ReadAllText($"{lab.Path}/f"));
        Assert.Equal(inode, Posix.Status(lab.Path).Inode);
        File.WriteAllText($"{lab.Path}/g", "during");
        await lab.UnmountAsync();
        Assert.DoesNotContain(lab.Path, MountTable.Replicated());
        Assert.Equal("during", File.ReadAllText($"{lab.Path}/g"));
    }

    [MountFact]
    public async Task AWritableMountMayFillMoreMemoryThanTheKernelGivesIt()
    {
        await using MountLab lab = MountLab.Prepare();
        lab.Mount(new MemoryRecorder(), Settings() with { Log = line => Assert.DoesNotContain("limit", line, StringComparison.Ordinal) });
        string device = MountTable.Device(lab.Path)!;
        Assert.Equal($"{WriteBackShare.Percent}", File.ReadAllText(WriteBackShare.ParameterOf(device)).Trim());
        await lab.UnmountAsync();
        Assert.Null(MountTable.Device(lab.Path));
        Assert.Contains("mountinfo", WriteBackShare.Raise(lab.Path), StringComparison.Ordinal);
    }

    [MountFact]
    public async Task AMountThatSomebodyElseRemovesIsReportedOnce()
    {
        var recorder = new MemoryRecorder();
        var gone = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        await using MountLab lab = MountLab.Mount(recorder, Settings() with
        {
            Gone = reason =>
            {
                Interlocked.Increment(ref calls);
                gone.TrySetResult(reason);
            },
        });
        Assert.Equal(0, StaleMounts.Unmount(lab.Path, 0));
        Assert.StartsWith($"{lab.Path}: the mount is gone", await gone.Task.WaitAsync(_limit), StringComparison.Ordinal);
        await lab.UnmountAsync();
        Assert.Equal(1, calls);
        Assert.Single(recorder.GivenUp);
    }

    [MountFact]
    public async Task AMountThatEndsInGoodOrderIsNotReported()
    {
        var reasons = new List<string>();
        await using MountLab lab = MountLab.Mount(new MemoryRecorder(), Settings() with { Gone = reasons.Add });
        await lab.UnmountAsync();
        Assert.Empty(reasons);
    }

    [MountFact]
    public async Task WhatIsCachedIsWrittenWhenTheMountEnds()
    {
        var recorder = new MemoryRecorder();
        await using MountLab lab = MountLab.Mount(recorder, Settings());
        File.WriteAllText($"{lab.Path}/f", new string('x', 200_000));
        await lab.UnmountAsync();
        Assert.Equal(200_000, new FileInfo($"{lab.Path}/f").Length);
    }

    [MountFact]
    public async Task ABusyMountEndsInBoundedTimeAndLosesNothing()
    {
        await using MountLab lab = MountLab.Mount(new MemoryRecorder(), Settings());
        int fd = Posix.Open($"{lab.Path}/f", LibC.O_CREAT | LibC.O_RDWR);
        Assert.Equal(4, Posix.Write(fd, "data"u8, 0));
        await lab.UnmountAsync().WaitAsync(_limit);
        Assert.NotEqual(0, Posix.Fsync(fd));
        Posix.Close(fd);
        Assert.DoesNotContain(lab.Path, MountTable.Replicated());
        Assert.Equal("data", File.ReadAllText($"{lab.Path}/f"));
    }

    [MountFact]
    public async Task AMountWithParkedRequestsEnds()
    {
        var recorder = new MemoryRecorder();
        await using MountLab lab = MountLab.Mount(recorder, Settings());
        recorder.Fill();
        Task<int> change = Task.Factory.StartNew(() => Posix.MakeDirectory($"{lab.Path}/a"), TaskCreationOptions.LongRunning);
        await recorder.UntilParkedAsync(1);
        await lab.UnmountAsync().WaitAsync(_limit);
        Assert.NotEqual(0, await change.WaitAsync(_limit));
        recorder.Drain();
    }

    [MountFact]
    public async Task AMountWithUnacknowledgedCallsEnds()
    {
        var recorder = new MemoryRecorder { AcknowledgeAtOnce = false };
        await using MountLab lab = MountLab.Mount(recorder, Settings());
        int fd = Posix.Open($"{lab.Path}/f", LibC.O_CREAT | LibC.O_RDWR);
        Task<int> sync = Task.Factory.StartNew(() => Posix.Fsync(fd), TaskCreationOptions.LongRunning);
        await recorder.UntilWaitingAsync();
        await lab.UnmountAsync().WaitAsync(_limit);
        Assert.NotEqual(0, await sync.WaitAsync(_limit));
        recorder.AcknowledgeAll();
        Posix.Close(fd);
    }

    [MountFact]
    public async Task ATreeCanBeMountedAgainAndAgain()
    {
        await using MountLab lab = MountLab.Prepare();
        for (int i = 0; i < 5; i++)
        {
            lab.Mount(new MemoryRecorder(), Settings(readOnly: i % 2 == 1));
            if (i % 2 == 0)
                File.WriteAllText($"{lab.Path}/f{i}", "x");
            Assert.Equal((i / 2) + 1, Directory.GetFiles(lab.Path).Length);
            await lab.UnmountAsync();
        }
    }

    [MountFact]
    public async Task AMountDisposedTwiceIsDisposedOnce()
    {
        await using MountLab lab = MountLab.Mount(new MemoryRecorder(), Settings());
        MountedTree tree = lab.Tree!;
        await tree.DisposeAsync();
        await tree.DisposeAsync();
        Assert.DoesNotContain(lab.Path, MountTable.Replicated());
    }

    [MountFact]
    public async Task AReadOnlyMountRefusesChangesAndShowsThoseUnderneath()
    {
        await using MountLab lab = MountLab.Mount(new MemoryRecorder(), Settings(readOnly: true), folder => File.WriteAllText($"{folder}/f", "old"));
        Assert.Equal(-Errno.EROFS, Posix.Open($"{lab.Path}/f", LibC.O_RDWR));
        Assert.Equal(-Errno.EROFS, Posix.Open($"{lab.Path}/new", LibC.O_CREAT | LibC.O_RDWR));
        Assert.Equal(Errno.EROFS, Posix.MakeDirectory($"{lab.Path}/a"));
        Assert.Equal(Errno.EROFS, Posix.Unlink($"{lab.Path}/f"));
        Assert.Equal(Errno.EROFS, Posix.Rename($"{lab.Path}/f", $"{lab.Path}/g"));
        Assert.Equal(Errno.EROFS, Posix.ChangeMode($"{lab.Path}/f", 0x1FF));
        Assert.Equal(Errno.EROFS, Posix.SetXattr($"{lab.Path}/f", "user.a", "1"u8));
        Assert.Equal("old", File.ReadAllText($"{lab.Path}/f"));
        int fd = Posix.Open($"{lab.Path}/f", LibC.O_RDONLY);
        File.WriteAllText($"{lab.Below}/f", "changed underneath");
        Assert.Equal("changed underneath"u8.ToArray(), Posix.Read(fd, 100, 0));
        Assert.Equal(18UL, Posix.StatusOf(fd).Size);
        Assert.Equal(0, Posix.Close(fd));
        File.Move($"{lab.Below}/f", $"{lab.Below}/g");
        Assert.Equal(["g"], Posix.List(lab.Path));
        Assert.Equal(Errno.ENOENT, Posix.TryStatus($"{lab.Path}/f", out _));
        Assert.Equal("changed underneath", File.ReadAllText($"{lab.Path}/g"));
    }

    [MountFact]
    public async Task AReadOnlyMountKeepsNoDescriptorOfWhatIsDeletedUnderneath()
    {
        await using MountLab lab = MountLab.Mount(new MemoryRecorder(), Settings(readOnly: true), folder => File.WriteAllText($"{folder}/f", "old"));
        Assert.Equal("old", File.ReadAllText($"{lab.Path}/f"));
        File.Delete($"{lab.Below}/f");
        // The kernel tells of a close when it finds the time.
        Assert.True(SpinWait.SpinUntil(() => !IsOpen($"{lab.Path}/f"), _limit), "a deleted file is still open");
    }

    [MountFact]
    public async Task WhatIsMountedBelowIsNotShown()
    {
        await using MountLab lab = MountLab.Prepare(folder => Directory.CreateDirectory($"{folder}/other"));
        MountTmpfs($"{lab.Path}/other");
        try
        {
            lab.Mount(new MemoryRecorder(), Settings());
            Assert.Equal(["other"], Posix.List(lab.Path));
            Assert.Equal(Errno.EXDEV, Posix.TryStatus($"{lab.Path}/other", out _));
            Assert.NotEqual(0, Posix.RemoveDirectory($"{lab.Path}/other"));
            await lab.UnmountAsync();
        }
        finally
        {
            Assert.Equal(0, StaleMounts.Unmount($"{lab.Path}/other", LibC.MNT_DETACH));
        }
    }

    [MountFact]
    public async Task AMountThatAKilledDaemonLeftIsRemovedWithoutTouchingIt()
    {
        string folder = MountLab.NewFolder();
        DeadMount(folder);
        Assert.Contains(folder, MountTable.Replicated());
        Assert.Equal(Errno.ENOTCONN, Posix.TryStatus(folder, out _));
        Assert.Equal(1, StaleMounts.Remove(folder));
        Assert.Equal(0, StaleMounts.Remove(folder));
        Assert.Equal(0, Posix.TryStatus(folder, out _));
        await Task.CompletedTask;
        Directory.Delete(folder);
    }

    private static bool IsOpen(string path) =>
        Directory.EnumerateFiles("/proc/self/fd").Any(fd => (new FileInfo(fd).LinkTarget ?? "").StartsWith(path, StringComparison.Ordinal));

    private static unsafe void MountTmpfs(string path)
    {
        fixed (byte* type = "tmpfs\0"u8, target = Posix.Bytes(path), options = "size=1m\0"u8)
            Assert.Equal(0, LibC.mount(type, target, type, 0, options));
    }

    /// <summary>A FUSE mount whose only descriptor is closed: what is left when its process is killed.</summary>
    private static unsafe void DeadMount(string path)
    {
        int device = Posix.Open("/dev/fuse", LibC.O_RDWR);
        Assert.True(device >= 0);
        byte[] options = Posix.Bytes($"fd={device},rootmode=40000,user_id=0,group_id=0");
        fixed (byte* source = "safekit\0"u8, target = Posix.Bytes(path), type = "fuse.safekit\0"u8, data = options)
            Assert.Equal(0, LibC.mount(source, target, type, 0, data));
        Assert.Equal(0, Posix.Close(device));
    }
}
