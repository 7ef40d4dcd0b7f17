using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Fuse.Ring;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem.Transport;

/// <summary>Which way requests go, and that replies which wait do not stop it.</summary>
[Collection(MountCollection.Name)]
public class TransportTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("0\n", 1)]
    [InlineData("0-1", 2)]
    [InlineData("0-3,8,10-11", 7)]
    public void ProcessorsAreCounted(string list, int count) => Assert.Equal(count, RingSet.Count(list));

    [RingFact]
    public async Task TheLogNamesTheWay()
    {
        string before = File.ReadAllText(OverIoUring.Parameter);
        File.WriteAllText(OverIoUring.Parameter, "N");
        try
        {
            Assert.Contains("over /dev/fuse: the kernel does not offer", await LoggedAsync(readOnly: false), StringComparison.Ordinal);
            using var uring = new OverIoUring();
            Assert.Contains("over io_uring: fuse.enable_uring is set", await LoggedAsync(readOnly: false), StringComparison.Ordinal);
        }
        finally
        {
            File.WriteAllText(OverIoUring.Parameter, before);
        }
    }

    [RingFact]
    public async Task MoreWaitingRepliesThanEntriesEndWithTheirAcknowledgement()
    {
        const int Files = 100;
        using var uring = new OverIoUring();
        var recorder = new MemoryRecorder { AcknowledgeAtOnce = false };
        await using MountLab lab = MountLab.Mount(recorder, new MountSettings { Index = 0, Wait = WaitPolicy.Sync });
        int[] files = [.. Enumerable.Range(0, Files).Select(i => Posix.Open($"{lab.Path}/f{i}", LibC.O_CREAT | LibC.O_RDWR))];
        Task<int>[] syncs =
        [
            .. files.Select(fd => Task.Factory.StartNew(
                () => Posix.Write(fd, "x"u8, 0) == 1 ? Posix.Fsync(fd) : -1, TaskCreationOptions.LongRunning)),
        ];
        Task all = Task.WhenAll(syncs);
        while (!all.IsCompleted)
        {
            await Task.WhenAny(all, recorder.UntilWaitingAsync()).WaitAsync(_limit);
            recorder.AcknowledgeAll();
        }
        Assert.All(syncs, sync => Assert.Equal(0, sync.Result));
        Array.ForEach(files, fd => Posix.Close(fd));
    }

    [RingFact]
    public async Task ParkedRequestsGoOnByTheRing()
    {
        using var uring = new OverIoUring();
        var recorder = new MemoryRecorder();
        await using MountLab lab = MountLab.Mount(recorder, new MountSettings { Index = 0, Wait = WaitPolicy.Sync });
        Directory.CreateDirectory($"{lab.Path}/other");
        recorder.Fill();
        Task[] making =
        [
            .. Enumerable.Range(0, 4).Select(i => Task.Factory.StartNew(
                () => Directory.CreateDirectory($"{lab.Path}/d{i}"), TaskCreationOptions.LongRunning)),
        ];
        await recorder.UntilParkedAsync(1);
        // Whoever reads is not stopped by those who are parked.
        await Task.Factory.StartNew(() => Directory.GetFileSystemEntries($"{lab.Path}/other"), TaskCreationOptions.LongRunning).WaitAsync(_limit);
        Assert.DoesNotContain(making, task => task.IsCompleted);
        recorder.Drain();
        await Task.WhenAll(making).WaitAsync(_limit);
        Assert.Equal(5, Directory.GetDirectories(lab.Path).Length);
    }

    private static async Task<string> LoggedAsync(bool readOnly)
    {
        var lines = new List<string>();
        await using MountLab lab = MountLab.Prepare();
        lab.Mount(new MemoryRecorder(), new MountSettings { Index = 0, ReadOnly = readOnly, Log = lines.Add });
        await File.WriteAllTextAsync($"{lab.Path}/f", "x");
        Assert.Equal("x", await File.ReadAllTextAsync($"{lab.Path}/f"));
        return string.Join('\n', lines);
    }
}
