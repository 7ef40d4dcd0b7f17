using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>Which calls wait for the other node, and that nobody else waits with them.</summary>
[Collection(MountCollection.Name)]
public class WaitingTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    private readonly MemoryRecorder _recorder = new() { AcknowledgeAtOnce = false };

    private static MountSettings Policy(WaitPolicy wait) => new() { Index = 0, Wait = wait };

    private static Task<T> OnThread<T>(Func<T> call) => Task.Factory.StartNew(call, TaskCreationOptions.LongRunning);

    private static int Create(string path)
    {
        int fd = Posix.Open(path, LibC.O_CREAT | LibC.O_RDWR);
        Assert.True(fd >= 0);
        return fd;
    }

    /// <summary>The call does not return before the acknowledgement, and does after it.</summary>
    private async Task WaitsAsync(Func<int> call, Acknowledgement level)
    {
        Task<int> running = OnThread(call);
        await _recorder.UntilWaitingAsync();
        Assert.Equal(level, _recorder.Waiting.Single().Level);
        Assert.False(running.IsCompleted);
        _recorder.AcknowledgeAll();
        Assert.Equal(0, await running.WaitAsync(_limit));
    }

    [MountFact]
    public async Task FsyncWaitsForABarrier()
    {
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Sync));
        int fd = Create($"{lab.Path}/f");
        Assert.Equal(1, Posix.Write(fd, "x"u8, 0));
        await WaitsAsync(() => Posix.Fsync(fd), Acknowledgement.Barrier);
        Assert.Equal(OperationKind.Sync, _recorder.Operations[^1].Kind);
        Assert.True(lab.Tree!.LocalDiskUs > 0);
        Assert.Equal(0, Posix.Close(fd));
    }

    [MountFact]
    public async Task FsyncOfADirectoryWaitsForABarrier()
    {
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Sync));
        int fd = Posix.Open(lab.Path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        await WaitsAsync(() => Posix.Fsync(fd), Acknowledgement.Barrier);
        Assert.Equal(0, Posix.Close(fd));
    }

    [MountFact]
    public async Task CloseOfAWrittenFileWaits()
    {
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Close));
        int fd = Create($"{lab.Path}/f");
        Assert.Equal(1, Posix.Write(fd, "x"u8, 0));
        await WaitsAsync(() => Posix.Close(fd), Acknowledgement.Received);
        // Nothing has changed since: the next close waits for nobody.
        int again = Posix.Open($"{lab.Path}/f", LibC.O_RDONLY);
        Assert.Equal(0, await OnThread(() => Posix.Close(again)).WaitAsync(_limit));
    }

    [MountFact]
    public async Task EveryCloseWaitsAsLongAsTheDataHasNotArrived()
    {
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Close));
        int fd = Create($"{lab.Path}/f");
        int other = Posix.Open($"{lab.Path}/f", LibC.O_RDWR);
        Assert.Equal(1, Posix.Write(fd, "x"u8, 0));
        Task<int>[] closes = [OnThread(() => Posix.Close(fd)), OnThread(() => Posix.Close(other))];
        await _recorder.UntilWaitingAsync();
        await _recorder.UntilWaitingAsync();
        Assert.All(closes, c => Assert.False(c.IsCompleted));
        _recorder.AcknowledgeAll();
        Assert.All(await Task.WhenAll(closes).WaitAsync(_limit), errno => Assert.Equal(0, errno));
    }

    [MountFact]
    public async Task FsyncAndRenameOfWhatASurveyHasNotReachedWait()
    {
        _recorder.Introduction = Introduction.BySurvey;
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Close), folder => File.WriteAllText($"{folder}/f", "content"));
        int fd = Posix.Open($"{lab.Path}/f", LibC.O_RDWR);
        Assert.Equal(1, Posix.Write(fd, "x"u8, 0));
        await WaitsAsync(() => Posix.Fsync(fd), Acknowledgement.Received);
        await WaitsAsync(() => Posix.Rename($"{lab.Path}/f", $"{lab.Path}/g"), Acknowledgement.Received);
        Assert.Empty(_recorder.Operations);
        await WaitsAsync(() => Posix.Close(fd), Acknowledgement.Received);
    }

    [MountFact]
    public async Task RenameAndLinkWait()
    {
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Close), folder => File.WriteAllText($"{folder}/f", ""));
        await WaitsAsync(() => Posix.Rename($"{lab.Path}/f", $"{lab.Path}/g"), Acknowledgement.Received);
        await WaitsAsync(() => Posix.Link($"{lab.Path}/g", $"{lab.Path}/h"), Acknowledgement.Received);
    }

    [MountFact]
    public async Task WithSyncNothingElseWaits()
    {
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Sync));
        Task<int> calls = OnThread(() =>
        {
            int fd = Create($"{lab.Path}/f");
            Assert.Equal(1, Posix.Write(fd, "x"u8, 0));
            return Posix.Close(fd) + Posix.Rename($"{lab.Path}/f", $"{lab.Path}/g") + Posix.Unlink($"{lab.Path}/g");
        });
        Assert.Equal(0, await calls.WaitAsync(_limit));
    }

    [MountFact]
    public async Task WithAllEveryChangeWaits()
    {
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.All), folder => File.WriteAllText($"{folder}/f", "content"));
        await WaitsAsync(() => Posix.MakeDirectory($"{lab.Path}/a"), Acknowledgement.Received);
        await WaitsAsync(() => Posix.ChangeMode($"{lab.Path}/a", 0x1C0), Acknowledgement.Received);
        int fd = Posix.Open($"{lab.Path}/f", LibC.O_RDWR);
        await WaitsAsync(() => Posix.Write(fd, "x"u8, 0) - 1, Acknowledgement.Received);
        Assert.Equal(OperationKind.Write, _recorder.Operations[^1].Kind);
        await WaitsAsync(() => Posix.Unlink($"{lab.Path}/f"), Acknowledgement.Received);
        Assert.Equal(0, await OnThread(() => Posix.Close(fd)).WaitAsync(_limit));
    }

    [MountFact]
    public async Task ManyCallsMayWaitAtOnce()
    {
        const int Calls = 100;
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Sync));
        int[] files = [.. Enumerable.Range(0, Calls).Select(i => Create($"{lab.Path}/{i}"))];
        Task<int>[] syncs = [.. files.Select(fd => OnThread(() => Posix.Fsync(fd)))];
        for (int i = 0; i < Calls; i++)
            await _recorder.UntilWaitingAsync();
        Assert.Equal(0, Posix.TryStatus($"{lab.Path}/7", out _));
        _recorder.AcknowledgeAll();
        Assert.All(await Task.WhenAll(syncs).WaitAsync(_limit), errno => Assert.Equal(0, errno));
        Array.ForEach(files, fd => Posix.Close(fd));
    }

    [MountFact]
    public async Task AFullWindowParksChangesAndNothingElse()
    {
        _recorder.AcknowledgeAtOnce = true;
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Sync), folder => File.WriteAllText($"{folder}/f", "content"));
        // A directory that is being changed lets nobody look a name up in it: that is the kernel's lock, and not ours.
        Assert.Equal(0, Posix.TryStatus($"{lab.Path}/f", out _));
        _recorder.Fill();
        Task<int>[] changes = [.. Enumerable.Range(0, 20).Select(i => OnThread(() => Posix.MakeDirectory($"{lab.Path}/{i}")))];
        // The kernel lets only one call at a time change a directory: one is parked, the others wait for it.
        await _recorder.UntilParkedAsync(1);
        Assert.Equal("content", await OnThread(() => File.ReadAllText($"{lab.Path}/f")).WaitAsync(_limit));
        Assert.All(changes, c => Assert.False(c.IsCompleted));
        _recorder.Drain();
        Assert.All(await Task.WhenAll(changes).WaitAsync(_limit), errno => Assert.Equal(0, errno));
        Assert.Equal(20, _recorder.Operations.Count(o => o.Kind == OperationKind.Create));
    }

    [MountFact]
    public async Task ParkedWritesKeepTheirData()
    {
        _recorder.AcknowledgeAtOnce = true;
        await using MountLab lab = MountLab.Mount(_recorder, Policy(WaitPolicy.Sync));
        int[] files = [.. Enumerable.Range(0, 30).Select(i => Posix.Open($"{lab.Path}/{i}", LibC.O_CREAT | LibC.O_RDWR | LibC.O_DIRECT))];
        _recorder.Fill();
        Task<int>[] writes = [.. files.Select((fd, i) => OnThread(() => Posix.Write(fd, BitConverter.GetBytes(i), 0)))];
        await _recorder.UntilParkedAsync(30);
        _recorder.Drain();
        Assert.All(await Task.WhenAll(writes).WaitAsync(_limit), count => Assert.Equal(4, count));
        for (int i = 0; i < files.Length; i++)
            Assert.Equal(i, BitConverter.ToInt32(Posix.Read(files[i], 4, 0)));
        Array.ForEach(files, fd => Posix.Close(fd));
    }
}
