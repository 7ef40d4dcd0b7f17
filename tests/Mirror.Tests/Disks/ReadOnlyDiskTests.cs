using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Tests.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Disks;

/// <summary>A file system that cannot be written: refused at the start, told while running, and over when it is writable again.</summary>
public sealed class ReadOnlyDiskTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    [LoopFact]
    public void AtTheStartItIsRefusedWithTheRemedy()
    {
        using var disk = new LoopDisk(16);
        string data = disk.Sub("data");
        Assert.Null(DirectoryObstacle.Of(data));
        disk.Remount("ro");
        Assert.Contains($"mount -o remount,rw {disk.Point}", DirectoryObstacle.Of(data), StringComparison.Ordinal);
        Assert.Contains("read-only", Assert.Throws<SafeKitException>(() => TreeRoot.Open(data)).Message, StringComparison.Ordinal);
        disk.Remount("rw");
        TreeRoot.Open(data).Dispose();
    }

    [LoopFact]
    public void ADiskThatHasStoppedAfterAnErrorIsRefusedToo()
    {
        using var disk = new LoopDisk(16);
        string data = disk.Sub("data");
        disk.Break();
        Assert.Equal(Errno.EROFS, Posix.MakeDirectory(Path.Combine(data, "d")));
        Assert.Matches("stopped writing after an error.*fsck|read-only", DirectoryObstacle.Of(data));
    }

    [LoopFact]
    public async Task ThePrimarySaysSoAndGoesOnWhenItIsWritableAgain()
    {
        using var disk = new LoopDisk(32);
        await using var pair = new MirrorPair { PrimaryPath = disk.Sub("data") };
        try
        {
            pair.Pair();
            disk.Remount("ro");
            Assert.Equal(Errno.EROFS, Posix.MakeDirectory(Path.Combine(pair.PrimaryPath, "d")));
            Assert.Matches("errors of the disk: mkdir: .*errno 30.*remount,rw", pair.PrimaryStatus.Problem);
            Assert.True(pair.PrimaryStatus.Paired);

            disk.Remount("rw");
            Assert.Equal(0, Posix.MakeDirectory(Path.Combine(pair.PrimaryPath, "d")));
            Assert.Null(pair.PrimaryStatus.Problem);
            File.WriteAllText(Path.Combine(pair.PrimaryPath, "d/f"), "text");
            await pair.AssertIdenticalAsync();
        }
        finally
        {
            await pair.StopLeaderAsync();
        }
    }

    [LoopFact]
    public async Task TheSecondarySaysSoAndFollowsAgainWhenItIsWritableAgain()
    {
        using var disk = new LoopDisk(32);
        await using var pair = new MirrorPair { SecondaryPath = disk.Sub("data") };
        try
        {
            pair.Pair();
            disk.Remount("ro");
            Task writing = Task.Run(() => File.WriteAllText(Path.Combine(pair.PrimaryPath, "f"), "text"));
            pair.SecondaryEvents.Await("primary lost");
            Assert.Matches("cannot be applied here.*errno 30.*remount,rw", pair.Follower.Status.Problem);
            Assert.NotEqual(DataStanding.Paired, pair.SecondaryStore.Current.Standing);
            pair.Leader.Detach("test");
            await writing.WaitAsync(_limit);

            disk.Remount("rw");
            pair.AwaitPaired();
            Assert.Null(pair.Follower.Status.Problem);
            await pair.AssertIdenticalAsync();
        }
        finally
        {
            await pair.StopFollowerAsync();
        }
    }
}
