using System.Text;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Stream;

/// <summary>A secondary that cannot do what it is told.</summary>
public sealed class FollowerFailureTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(50);

    [MountFact]
    public async Task AFullDiskIsToldAndOverWhenThereIsRoomAgain()
    {
        await using var pair = new MirrorPair();
        MountSmall(pair.SecondaryPath);
        try
        {
            pair.Pair();
            string large = Path.Combine(pair.PrimaryPath, "large");
            Task writing = Task.Run(() => File.WriteAllBytes(large, new byte[8 << 20]));
            pair.SecondaryEvents.Await("primary lost");
            Assert.Matches("write of .*/large.*errno 28", pair.SecondaryEvents.History);
            Assert.True(
                pair.SecondaryStore.Current.Standing is DataStanding.Inconsistent or DataStanding.Outdated,
                $"the record says {pair.SecondaryStore.Current.Standing}");
            pair.Leader.Detach("test");
            await writing.WaitAsync(_limit);

            File.Delete(large);
            File.WriteAllText(Path.Combine(pair.PrimaryPath, "small"), "fits");
            pair.AwaitPaired();
            Assert.Equal(DataStanding.Paired, pair.SecondaryStore.Current.Standing);
            await pair.AssertIdenticalAsync();
        }
        finally
        {
            await pair.StopFollowerAsync();
            StaleMounts.Unmount(pair.SecondaryPath, LibC.MNT_DETACH);
        }
    }

    [MountFact]
    public async Task ATreeThatDiffersIsSurveyed()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        File.WriteAllText(Path.Combine(pair.PrimaryPath, "file"), "content");
        await pair.Leader.VerifyAsync(CancellationToken.None).WaitAsync(_limit);
        File.Delete(Path.Combine(pair.SecondaryPath, "file"));

        File.Delete(Path.Combine(pair.PrimaryPath, "file"));

        pair.SecondaryEvents.Await("primary lost");
        pair.AwaitAttached(ReintegrationKind.Survey);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [MountFact]
    public async Task AFullCopyIsAskedForOnce()
    {
        await using var pair = new MirrorPair();
        pair.Lead();
        pair.Follow(full: true);
        pair.AwaitAttached(ReintegrationKind.Full);
        pair.AwaitPaired();
        pair.Wire.Cut();
        pair.PrimaryEvents.Await("lost paired");
        pair.Wire.Mend();
        Assert.NotEqual($"attached {ReintegrationKind.Full}", pair.PrimaryEvents.AwaitAny("attached"));
        await pair.AssertIdenticalAsync();
    }

    [MountFact]
    public async Task WhoTakesOverIsNotStoppedByTheEndOfItsFollower()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        new RandomWriter(pair.PrimaryPath, 81).Run(300);
        await pair.LeaveAsync();
        await pair.Follower.PromoteAsync().WaitAsync(_limit);
        MirrorEvents events = pair.SecondaryEvents;
        await pair.StopFollowerAsync().WaitAsync(_limit);
        Assert.DoesNotContain("failed", events.History, StringComparison.Ordinal);
    }

    private static unsafe void MountSmall(string path)
    {
        fixed (byte* source = "tmpfs\0"u8, target = Encoding.UTF8.GetBytes(path + "\0"), data = "size=4m\0"u8)
            Assert.Equal(0, LibC.mount(source, target, source, 0, data));
    }
}
