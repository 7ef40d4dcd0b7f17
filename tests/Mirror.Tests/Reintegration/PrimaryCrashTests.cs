using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>
/// The primary's machine loses power, with everything that was only in its memory, after changes that the secondary never got. That one takes over and
/// goes on; the former primary comes back: what either has changed since the last checkpoint is compared and nothing else, and both trees are the same.
/// </summary>
public sealed class PrimaryCrashTests
{
    private const int DiskMb = 192;
    private const int StateMb = 32;
    private const int WritersDiskMb = 1024;

    /// <param name="isFlushed">What never arrived is on the disk of the one that dies.</param>
    [LoopTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnlyWhatEitherHasChangedIsCompared(bool isFlushed)
    {
        await using var pair = new MirrorPair(WithoutCheckpointsByTime) { Wait = WaitPolicy.Sync };
        using var disk = new LoopDisk(DiskMb, pair.PrimaryPath);
        using var state = new LoopDisk(StateMb, pair.StateOfPrimary);
        for (int i = 0; i < 60; i++)
        {
            Directory.CreateDirectory(At(pair, $"d{i}/below"));
            File.WriteAllBytes(At(pair, $"d{i}/below/f"), TestContent.Bytes(i, 1 << 20));
        }

        pair.Pair();
        pair.AwaitMarksOnDisk();
        ChangeSome(pair, 0, 100);
        pair.Wire.Cut();
        pair.PrimaryEvents.AwaitAny("lost");
        ChangeSome(pair, 20, 200);
        await CrashPrimaryAsync(pair, disk, state, isFlushed);

        await pair.TakeOverAsync();
        ChangeSome(pair, 40, 300);
        pair.Wire.Mend();
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Marked);
        pair.AwaitPaired();
        Assert.InRange(TestContent.ComparedBytes(pair), 1, 40L << 20);
        await pair.AssertIdenticalAsync();
    }

    [LoopTheory]
    [InlineData(401, false)]
    [InlineData(402, true)]
    public async Task CrashesUnderARunningWriter(int seed, bool doesEverything)
    {
        await using var pair = new MirrorPair(settings => settings with { CheckpointInterval = TimeSpan.FromMilliseconds(300) }) { Wait = WaitPolicy.Sync };
        using var first = new LoopDisk(WritersDiskMb, pair.PrimaryPath);
        using var second = new LoopDisk(WritersDiskMb, pair.SecondaryPath);
        using var firstState = new LoopDisk(StateMb, pair.StateOfPrimary);
        using var secondState = new LoopDisk(StateMb, pair.StateOfSecondary);
        new RandomWriter(pair.PrimaryPath, seed, doesEverything, doesEverything).Run(200);
        pair.Pair();
        int marked = 0;
        for (int i = 0; i < 6; i++)
        {
            pair.AwaitMarksOnDisk();
            pair.StartWriter(seed + 100 + i, doesEverything, doesEverything);
            await Task.Delay(150 + (150 * (i % 5)));
            pair.Wire.Cut();
            await Task.Delay(40 * (i % 4));
            await pair.StopLeaderUnderWriterAsync();
            (LoopDisk disk, LoopDisk state) = pair.IsSwapped ? (second, secondState) : (first, firstState);
            if (i % 2 == 0)
                disk.Flush();
            disk.LosePower();
            state.LosePower();
            await pair.TakeOverAsync();
            pair.StartWriter(seed + 200 + i, doesEverything, doesEverything);
            await Task.Delay(50);
            pair.Wire.Mend();
            pair.Follow();
            marked += pair.PrimaryEvents.AwaitAny("attached") == "attached Marked" ? 1 : 0;
            if (doesEverything)
                await pair.StopWriterAsync();
            pair.AwaitPaired();
            await pair.StopWriterAsync();
            await AssertSameAsync(pair);
        }

        await pair.AssertIdenticalAsync();
        Assert.True(marked >= 3 || doesEverything, $"{marked} crashes were followed by a marked reintegration:\n{pair.History}");
    }

    [LoopFact]
    public async Task AnInterruptedOneBeginsAnewWithTheSameMarks()
    {
        await using var pair = new MirrorPair(settings => WithoutCheckpointsByTime(settings) with { ReintegrationBytesPerSecond = 4 << 20 }) { Wait = WaitPolicy.Sync };
        using var disk = new LoopDisk(DiskMb, pair.PrimaryPath);
        using var state = new LoopDisk(StateMb, pair.StateOfPrimary);
        pair.Pair();
        pair.AwaitMarksOnDisk();
        await CrashPrimaryAsync(pair, disk, state, isFlushed: false);
        await pair.TakeOverAsync();
        File.WriteAllBytes(At(pair, "large"), TestContent.Bytes(1, 12 << 20));
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Marked);
        Assert.True(
            SpinWait.SpinUntil(() => pair.PrimaryStatus.Reintegration is { BytesCopied: > 0 }, TimeSpan.FromSeconds(30)), "nothing is copied");
        await pair.StopFollowerAsync();
        pair.PrimaryEvents.AwaitAny("lost");
        disk.LosePower();
        state.LosePower();
        Assert.Equal(Mirror.Generations.DataStanding.Inconsistent, pair.PrimaryStore.Current.Standing);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Marked);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [LoopTheory]
    [InlineData("damaged", "its mark log is damaged")]
    [InlineData("lost", "it has no checkpoint")]
    [InlineData("cut", "its mark log has 512 bytes")]
    [InlineData("given up", "its mark log was given up: a directory")]
    public async Task WithoutSoundMarksItIsSurveyed(string what, string why)
    {
        await using var pair = new MirrorPair(WithoutCheckpointsByTime) { Wait = WaitPolicy.Sync };
        using var disk = new LoopDisk(DiskMb, pair.PrimaryPath);
        using var state = new LoopDisk(StateMb, pair.StateOfPrimary);
        Directory.CreateDirectory(At(pair, "old/below"));
        pair.Pair();
        pair.AwaitMarksOnDisk();
        pair.Wire.Cut();
        pair.PrimaryEvents.AwaitAny("lost");
        if (what == "given up")
            Directory.Move(At(pair, "old"), At(pair, "new"));
        await CrashPrimaryAsync(pair, disk, state, isFlushed: true);
        Damage(Path.Combine(pair.StateOfPrimary, MarkLog.Name), what);
        await pair.TakeOverAsync();
        File.WriteAllText(At(pair, "f"), "x");
        pair.Wire.Mend();
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Survey);
        Assert.Contains(why, pair.PrimaryEvents.History, StringComparison.Ordinal);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [LoopFact]
    public async Task WhoGoesOnAloneLeavesNoMarks()
    {
        await using var pair = new MirrorPair(WithoutCheckpointsByTime) { Wait = WaitPolicy.Sync };
        pair.Pair();
        pair.AwaitMarksOnDisk();
        pair.Wire.Cut();
        pair.PrimaryEvents.AwaitAny("lost");
        Assert.NotNull(pair.MarksOnDisk());
        pair.Leader.Detach("test");
        Assert.Null(pair.MarksOnDisk());
    }

    private static ReplicatedDataSettings WithoutCheckpointsByTime(ReplicatedDataSettings settings) =>
        settings with { CheckpointInterval = TimeSpan.FromHours(1) };

    /// <summary>Of everything some, from directory number <paramref name="from"/> on.</summary>
    private static void ChangeSome(MirrorPair pair, int from, int seed)
    {
        TestContent.Overwrite(At(pair, $"d{from}/below/f"), 1000, TestContent.Bytes(seed, 5000));
        File.WriteAllText(At(pair, $"d{from + 1}/new"), $"new {seed}");
        Directory.CreateDirectory(At(pair, $"d{from + 2}/made/deep"));
        File.WriteAllBytes(At(pair, $"d{from + 2}/made/deep/f"), TestContent.Bytes(seed + 1, 300_000));
        File.Delete(At(pair, $"d{from + 3}/below/f"));
        File.Move(At(pair, $"d{from + 4}/below/f"), At(pair, $"d{from + 5}/moved"));
        TestContent.Overwrite(At(pair, $"d{from + 5}/moved"), 700_000, TestContent.Bytes(seed + 2, 5000));
        File.WriteAllBytes(At(pair, $"d{from + 6}/below/f.new"), TestContent.Bytes(seed + 3, 1 << 20));
        File.Move(At(pair, $"d{from + 6}/below/f.new"), At(pair, $"d{from + 6}/below/f"), overwrite: true);
        File.Delete(At(pair, $"d{from + 7}/below/f"));
        File.WriteAllBytes(At(pair, $"d{from + 7}/below/f"), TestContent.Bytes(seed + 4, 1 << 20));
        File.SetUnixFileMode(At(pair, $"d{from + 8}/below"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using (FileStream shortened = File.OpenWrite(At(pair, $"d{from + 9}/below/f")))
            shortened.SetLength(12_345);
        Directory.Delete(At(pair, $"d{from + 10}"), recursive: true);
    }

    private static async Task CrashPrimaryAsync(MirrorPair pair, LoopDisk disk, LoopDisk state, bool isFlushed)
    {
        await pair.StopLeaderAsync();
        if (isFlushed)
            disk.Flush();
        disk.LosePower();
        state.LosePower();
    }

    private static async Task AssertSameAsync(MirrorPair pair)
    {
        VerifyReport report = await pair.Follower.VerifyAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(report.DifferenceCount == 0, $"{string.Join('\n', report.Differences)}\n{pair.History}");
    }

    private static void Damage(string log, string what)
    {
        byte[] content = File.ReadAllBytes(log);
        switch (what)
        {
            case "damaged":
                content[100] ^= 1;
                content[(content.Length / 4) + 100] ^= 1;
                File.WriteAllBytes(log, content);
                break;
            case "lost":
                File.Delete(log);
                break;
            case "cut":
                File.WriteAllBytes(log, content[..512]);
                break;
        }
    }

    private static string At(MirrorPair pair, string name) => Path.Combine(pair.LedPath, name);
}
