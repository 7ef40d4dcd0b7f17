using SafeKit.Core.Native;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Stream;

/// <summary>A disk that took a write and did not keep it (EIO or ENOSPC at fsync): the trees may differ then, and never in silence.</summary>
public sealed class LostWriteTests
{
    private const int ContentBytes = 1 << 20;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(50);

    [MountTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OfTheSecondaryEndsItsFollowingUntilItsDiskHasEverything(bool waitsForDisk)
    {
        await using var pair = new MirrorPair(settings => settings with { BarrierWaitsForDisk = waitsForDisk });
        using var disk = new FaultyDisk(pair.SecondaryPath);
        try
        {
            pair.Pair();
            disk.Break();
            Task<int> syncing = Task.Factory.StartNew(() => WriteAndSync(pair.PrimaryPath, 'a'), TaskCreationOptions.LongRunning);
            pair.SecondaryEvents.Await("primary lost");
            Assert.Matches("sync.*errno (5|28)", pair.SecondaryEvents.History);
            Assert.Equal(DataStanding.Inconsistent, pair.SecondaryStore.Current.Standing);
            Assert.False(waitsForDisk && syncing.IsCompleted, "fsync returned although the other disk had refused");
            pair.Leader.Detach("test");
            Assert.Equal(0, await syncing.WaitAsync(_limit));

            disk.Mend();
            pair.AwaitPaired();
            await pair.AssertIdenticalAsync(disk.Remount);
        }
        finally
        {
            await pair.StopFollowerAsync();
        }
    }

    [MountFact]
    public async Task OfThePrimaryIsToldAndMendedFromTheOtherNodeWhenItFollows()
    {
        await using var pair = new MirrorPair();
        using var disk = new FaultyDisk(pair.PrimaryPath);
        try
        {
            pair.Pair();
            Assert.Equal(0, WriteAndSync(pair.PrimaryPath, 'a'));
            disk.Break();
            Assert.Contains(WriteAndSync(pair.PrimaryPath, 'b'), new[] { Errno.EIO, Errno.ENOSPC });
            Assert.Contains("the disk did not keep what was written", pair.PrimaryEvents.History, StringComparison.Ordinal);

            disk.Mend();
            await pair.LeaveAsync();
            await pair.StopFollowerAsync();
            pair.IsSwapped = true;
            pair.Lead(LeadOrder.Current);
            pair.Follow();
            pair.AwaitAttached(ReintegrationKind.Survey);
            pair.AwaitPaired();
            Assert.All(File.ReadAllText(Path.Combine(pair.SecondaryPath, "b")), character => Assert.Equal('b', character));
            await pair.AssertIdenticalAsync(disk.Remount);
        }
        finally
        {
            await pair.StopLeaderAsync();
            await pair.StopFollowerAsync();
        }
    }

    /// <summary>Writes a file named after what is in it; the error of fsync.</summary>
    private static int WriteAndSync(string folder, char character)
    {
        int fd = Posix.Open($"{folder}/{character}", LibC.O_CREAT | LibC.O_RDWR);
        byte[] content = new byte[ContentBytes];
        Array.Fill(content, (byte)character);
        Assert.Equal(ContentBytes, Posix.Write(fd, content, 0));
        int error = Posix.Fsync(fd);
        Posix.Close(fd);
        return error;
    }
}
