using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Stream;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>
/// The secondary's machine loses power, with everything that was only in its memory, and comes back: what changed since its last checkpoint is
/// compared and nothing else, and both trees are the same.
/// </summary>
public sealed class MarkedReintegrationTests
{
    private const int DiskMb = 192;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(40);

    [LoopFact]
    public async Task OnlyWhatChangedSinceTheCheckpointIsCompared()
    {
        await using var pair = new MirrorPair(WithoutCheckpointsByTime);
        using var disk = new LoopDisk(DiskMb, pair.SecondaryPath);
        for (int i = 0; i < 60; i++)
        {
            Directory.CreateDirectory(At(pair, $"d{i}/below"));
            File.WriteAllBytes(At(pair, $"d{i}/below/f"), TestContent.Bytes(i, 1 << 20));
        }

        pair.Pair();
        TestContent.Overwrite(At(pair, "d3/below/f"), 1000, TestContent.Bytes(100, 5000));
        File.WriteAllText(At(pair, "d5/new"), "new");
        Directory.CreateDirectory(At(pair, "d6/made/deep"));
        File.WriteAllBytes(At(pair, "d6/made/deep/f"), TestContent.Bytes(7, 300_000));
        File.Delete(At(pair, "d7/below/f"));
        File.Move(At(pair, "d8/below/f"), At(pair, "d9/moved"));
        File.SetUnixFileMode(At(pair, "d10/below"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await CrashSecondaryAsync(pair, disk);
        TestContent.Overwrite(At(pair, "d11/below/f"), 500_000, TestContent.Bytes(101, 5000));
        File.WriteAllText(At(pair, "d12/while away"), "away");

        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Marked);
        pair.AwaitPaired();
        long compared = TestContent.ComparedBytes(pair);
        Assert.InRange(compared, 1, 8 << 20);
        await pair.AssertIdenticalAsync();
    }

    [LoopFact]
    public async Task ACheckpointForgetsWhatWasMarkedBefore()
    {
        await using var pair = new MirrorPair(settings => settings with { CheckpointInterval = TimeSpan.FromMilliseconds(50) });
        using var disk = new LoopDisk(DiskMb, pair.SecondaryPath);
        pair.Pair();
        Checkpoint paired = CheckpointFile.Read(pair.StateOfSecondary);
        for (int i = 0; i < 30; i++)
            File.WriteAllBytes(At(pair, $"f{i}"), TestContent.Bytes(i, 1 << 20));
        Assert.True(SpinWait.SpinUntil(() => pair.Leader.Marks is { Files: 0, Directories: 0, Asked.IsNone: true }, _limit), "the marks were never confirmed");
        Checkpoint later = CheckpointFile.Read(pair.StateOfSecondary);
        Assert.Equal(paired.Epoch, later.Epoch);
        Assert.True(later.Sequence > paired.Sequence, $"checkpoint {later.Sequence} after {paired.Sequence}");

        await CrashSecondaryAsync(pair, disk);
        Assert.Equal(30, Directory.GetFiles(pair.SecondaryPath, "f*").Length);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Marked);
        pair.AwaitPaired();
        Assert.Equal(0, TestContent.ComparedBytes(pair));
        await pair.AssertIdenticalAsync();
    }

    [MountTheory]
    [InlineData(301, false)]
    [InlineData(303, true)]
    public async Task CrashesUnderARunningWriter(int seed, bool doesEverything)
    {
        await using var pair = new MirrorPair(settings => settings with { CheckpointInterval = TimeSpan.FromMilliseconds(300) });
        using var disk = new LoopDisk(DiskMb, pair.SecondaryPath);
        new RandomWriter(pair.PrimaryPath, seed, doesEverything, doesEverything).Run(200);
        pair.Pair();
        pair.StartWriter(seed + 100, doesEverything, doesEverything);
        int marked = 0;
        for (int i = 0; i < 5; i++)
        {
            await Task.Delay(150 + (100 * i));
            await CrashSecondaryAsync(pair, disk);
            await Task.Delay(100);
            pair.Follow();
            marked += pair.PrimaryEvents.AwaitAny("attached") == "attached Marked" ? 1 : 0;
            if (i % 3 != 1)
                pair.AwaitPaired();
        }

        await pair.StopWriterAsync();
        await CrashSecondaryAsync(pair, disk);
        pair.Follow();
        pair.PrimaryEvents.Await("up to date");
        pair.SecondaryEvents.Await("up to date");
        await pair.AssertIdenticalAsync();
        Assert.True(marked >= 3 || doesEverything, $"{marked} crashes were followed by a marked reintegration");
    }

    [LoopFact]
    public async Task AnInterruptedOneBeginsAnewFromTheSameCheckpoint()
    {
        await using var pair = new MirrorPair(settings => WithoutCheckpointsByTime(settings) with { ReintegrationBytesPerSecond = 4 << 20 });
        using var disk = new LoopDisk(DiskMb, pair.SecondaryPath);
        pair.Pair();
        File.WriteAllBytes(At(pair, "large"), TestContent.Bytes(1, 12 << 20));
        await CrashSecondaryAsync(pair, disk);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Marked);
        Assert.True(SpinWait.SpinUntil(() => pair.PrimaryStatus.Reintegration is { BytesCopied: > 0 }, _limit), "nothing is copied");
        File.WriteAllText(At(pair, "meanwhile"), "x");
        await CrashSecondaryAsync(pair, disk);
        Assert.Equal(DataStanding.Inconsistent, pair.SecondaryStore.Current.Standing);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Marked);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [LoopFact]
    public async Task WhatCannotBeMarkedCostsASurvey()
    {
        await using var pair = new MirrorPair(WithoutCheckpointsByTime);
        using var disk = new LoopDisk(DiskMb, pair.SecondaryPath);
        Directory.CreateDirectory(At(pair, "old/below"));
        pair.Pair();
        Directory.Move(At(pair, "old"), At(pair, "new"));
        await CrashSecondaryAsync(pair, disk);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Survey);
        Assert.Contains("the marks were given up: a directory", pair.PrimaryEvents.History, StringComparison.Ordinal);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [LoopFact]
    public async Task ACheckpointThatCannotBeReadCostsASurvey()
    {
        await using var pair = new MirrorPair();
        using var disk = new LoopDisk(DiskMb, pair.SecondaryPath);
        pair.Pair();
        File.WriteAllText(At(pair, "f"), "x");
        await CrashSecondaryAsync(pair, disk);
        string file = Path.Combine(pair.StateOfSecondary, CheckpointFile.Name);
        byte[] content = File.ReadAllBytes(file);
        content[3] ^= 1;
        File.WriteAllBytes(file, content);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Survey);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    private static ReplicatedDataSettings WithoutCheckpointsByTime(ReplicatedDataSettings settings) =>
        settings with { CheckpointInterval = TimeSpan.FromHours(1) };

    /// <summary>The process ends without a word, and nothing of what only memory had is on its disk afterwards.</summary>
    private static async Task CrashSecondaryAsync(MirrorPair pair, LoopDisk disk)
    {
        await pair.StopFollowerAsync();
        pair.PrimaryEvents.AwaitAny("lost");

        // A program that is started closes what this process has open in the mounted tree, and would wait for the other node with it.
        pair.Leader.Detach("test");
        disk.LosePower();
    }

    private static string At(MirrorPair pair, string name) => Path.Combine(pair.PrimaryPath, name);
}
