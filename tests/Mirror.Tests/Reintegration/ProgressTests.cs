using System.Diagnostics;
using SafeKit.Mirror.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>What an administrator sees of a reintegration, its cap, and that it goes on where it was, all under a writer.</summary>
public sealed class ProgressTests
{
    private const int Bytes = 12 << 20;
    private const int BytesPerSecond = 2 << 20;

    [MountFact]
    public async Task CappedToldAndGoneOnWithAfterAnInterruption()
    {
        await using var pair = new MirrorPair(settings => settings with { ReintegrationBytesPerSecond = BytesPerSecond });
        byte[] content = new byte[Bytes];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(Path.Combine(pair.PrimaryPath, "large"), content);
        pair.Lead();
        using var stop = new CancellationTokenSource();
        Task writer = Task.Factory.StartNew(() => WriteSmall(pair.PrimaryPath, stop.Token), TaskCreationOptions.LongRunning);
        var watch = Stopwatch.StartNew();
        pair.Follow();
        ReintegrationProgress seen = await AwaitAsync(pair, progress => progress.SecondsLeft is not null && progress.BytesCopied >= 3 << 20);
        Assert.Equal(ReintegrationKind.Survey, seen.Kind);
        Assert.InRange(seen.BytesKnown, Bytes, long.MaxValue);
        Assert.InRange(seen.BytesCopied, 3 << 20, BytesAllowed(watch));
        Assert.True(seen.FilesKnown >= 1 && seen.Seconds > 0 && seen.SecondsLeft > 0, $"{seen}");

        pair.Wire.Cut();
        pair.PrimaryEvents.AwaitAny("lost");
        long before = pair.Follower.Status.Bytes;
        watch.Restart();
        pair.Wire.Mend();
        pair.AwaitPaired();

        // What the first attempt had brought is compared, not sent again; the writer's own files are small.
        long again = pair.Follower.Status.Bytes - before;
        Assert.InRange(again, 1, Bytes - (1 << 20));
        Assert.InRange(again, 1, BytesAllowed(watch));
        await stop.CancelAsync();
        await writer.WaitAsync(TimeSpan.FromSeconds(30));
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public void SmallFilesAreEstimatedByTheirNumber()
    {
        var meter = new ProgressMeter(ReintegrationKind.Survey, "rule");
        meter.Know(1000, 0);
        Assert.Null(meter.Snapshot.SecondsLeft);
        meter.FileDone();
        Assert.True(SpinWait.SpinUntil(() => meter.Snapshot.SecondsLeft is not null, TimeSpan.FromSeconds(30)), "there is never an estimate");
        ReintegrationProgress progress = meter.Snapshot;
        Assert.Equal(999 * progress.Seconds, progress.SecondsLeft!.Value, precision: 3);
    }

    /// <summary>The cap, and one piece for each thread that has been let through.</summary>
    private static long BytesAllowed(Stopwatch watch) => (long)(watch.Elapsed.TotalSeconds * BytesPerSecond) + (8 << 20);

    private static void WriteSmall(string folder, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            File.WriteAllText(Path.Combine(folder, $"small{i % 20}"), $"{i}");
            stop.WaitHandle.WaitOne(20);
        }
    }

    private static async Task<ReintegrationProgress> AwaitAsync(MirrorPair pair, Func<ReintegrationProgress, bool> reached)
    {
        for (int i = 0; i < 3000; i++)
        {
            if (pair.PrimaryStatus.Reintegration is { } progress && reached(progress))
                return progress;
            await Task.Delay(10);
        }

        Assert.Fail($"not reached: {pair.PrimaryStatus.Reintegration}\n{pair.PrimaryEvents.History}");
        throw new InvalidOperationException();
    }
}
