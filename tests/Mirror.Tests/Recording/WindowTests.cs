using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

public sealed class WindowTests
{
    [Fact]
    public void AppliedOperationsFreeTheWindowAndReceivedOnesDoNot()
    {
        using RecorderBench bench = new RecorderBench(windowBytes: 64 << 20).Pair();
        ulong last = 0;
        for (int i = 0; i < 100; i++)
            last = bench.Write(5, i << 18, 1 << 18);
        Assert.True(bench.Recorder.WindowBytes > 100 << 18);
        bench.TakeAll();
        bench.Recorder.Acknowledge(last, last - 1);
        Assert.Equal((1 << 18) + OperationHeader.Size, bench.Recorder.WindowBytes);
        bench.Recorder.Acknowledge(last, last);
        Assert.Equal(0, bench.Recorder.WindowBytes);
    }

    [Fact]
    public void WhatIsAppliedWhileItIsStillBeingSentStaysReadable()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        ulong sequence = bench.Write(5, 0, 128 << 10);
        Assert.True(bench.Recorder.WaitForBatch(1000, out WindowBatch batch));
        bench.Recorder.Acknowledge(sequence, sequence);
        bench.Write(6, 0, 128 << 10);

        Assert.Equal(OperationReadVerdict.Complete, Operation.TryRead(batch.Bytes, out Operation operation));
        Assert.Equal(5UL, operation.Header.File);
        bench.Recorder.BatchSent(batch);
        Assert.Equal(6UL, Assert.Single(bench.TakeAll()).File);
    }

    [Fact]
    public void WhoWaitsTakesNothingLargeAndSeesThatItIsLeft()
    {
        const int small = 32 << 10;
        using RecorderBench bench = new RecorderBench().Pair();
        bench.Sync(5);
        Assert.True(bench.Recorder.TryTakeBatch(out WindowBatch batch, small));
        bench.Write(6, 0, 64 << 10);
        bench.Sync(6);
        bench.Recorder.BatchSent(batch);

        Assert.False(bench.Recorder.TryTakeBatch(out _, small));
        Assert.True(bench.Recorder.IsAnythingDue);
        Assert.Equal(2, bench.TakeAll().Count);
        Assert.False(bench.Recorder.IsAnythingDue);
    }

    [Fact]
    public void SmallOperationsAreSentTogether()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        for (int i = 0; i < 50; i++)
            bench.Write(5, i, 1);
        Assert.True(TakeOne(bench, out WindowBatch batch));
        Assert.Equal(50 * (OperationHeader.Size + 1), batch.Bytes.Length);
        bench.Recorder.BatchSent(batch);
    }

    [Fact]
    public void ABarrierIsSentAtOnceWithEverythingBeforeIt()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        bench.Write(5, 0, 1);
        ulong barrier = bench.Sync(5);
        Assert.True(bench.Recorder.WaitForBatch(0, out WindowBatch batch));
        Assert.Equal(barrier, batch.LastSequence);
        bench.Recorder.BatchSent(batch);
    }

    [Fact]
    public void NumbersOfASurvivorsStreamHaveNoGap()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        ulong applied = bench.Create(10, "a");
        bench.Write(10, 0, 100);
        bench.Sync(10);
        ulong created = bench.Create(11, "b");
        bench.TakeAll();
        bench.Recorder.Acknowledge(created, applied);
        bench.Recorder.LosePeer();
        bench.Write(12, 5 << 20, 10);
        bench.Create(13, "c");

        Assert.Equal(applied + 1, bench.Recorder.Position.FirstSequence);
        bench.CatchUp(applied + 1);
        List<OperationHeader> sent = bench.TakeAll();

        Assert.Equal(Enumerable.Range((int)applied + 1, sent.Count).Select(i => (ulong)i), sent.Select(h => h.Sequence));
        Assert.Equal(
            [OperationKind.Ping, OperationKind.Ping, OperationKind.Create, OperationKind.Create],
            sent.Select(h => h.Kind));
        DirtyFile[] dirty = [bench.Recorder.TakeDirty()!, bench.Recorder.TakeDirty()!];
        Assert.Null(bench.Recorder.TakeDirty());
        DirtyFile ten = Assert.Single(dirty, d => d.File == 10);
        Assert.Equal(RecorderBench.HandleOf(10).Value.ToArray(), ten.Handle.Value.ToArray());
        Assert.Equal(new ByteRange(0, 1 << 20), Assert.Single(ten.Ranges));
        Assert.Equal(new ByteRange(5 << 20, 6 << 20), Assert.Single(Assert.Single(dirty, d => d.File == 12).Ranges));
    }

    [Fact]
    public void ANumberThatCameBackKeepsItsContentWhenTheConnectionIsLostAgain()
    {
        using RecorderBench bench = new RecorderBench().Lead();
        var gone = OperationHeader.Of(OperationKind.Unlink, 0, 10);
        gone.Flags = OperationFlags.LastName;
        bench.Append(gone, "old"u8.ToArray(), []);
        bench.Create(10, "new");
        bench.Write(10, 0, 100);
        bench.CatchUp(1);
        bench.Recorder.LosePeer();
        Assert.Equal(10UL, bench.Recorder.TakeDirty()?.File);
    }

    [Fact]
    public void WhoLeavesGetsEverythingAndTheNextEpochBeginsThere()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        ulong written = bench.Write(5, 0, 10);
        Assert.True(bench.Recorder.LetPeerLeave());
        Assert.Equal(OperationKind.Leave, bench.TakeAll()[^1].Kind);
        bench.Create(6, "after");
        Assert.Empty(bench.TakeAll());
        bench.Recorder.LosePeer();

        RecorderPosition position = bench.Recorder.Position;
        Assert.Equal((7UL, written + 1, 1UL, 1UL), (position.BaseEpoch, position.BaseSequence, position.FirstSequence, position.LastSequence));
        Assert.NotEqual(7UL, position.Epoch);
        Assert.Null(position.GivenUp);
        Assert.True(bench.Recorder.MakesWait);
    }

    [Fact]
    public void AnInterruptedSurveyLeavesNothingToGoOnWith()
    {
        using RecorderBench bench = new RecorderBench().Lead();
        bench.Recorder.BeginSurvey();
        bench.Write(5, 0, 10);
        bench.TakeAll();
        bench.Recorder.LosePeer();
        Assert.Equal(0UL, bench.Recorder.Epoch);
        Assert.Equal(0UL, bench.Write(5, 0, 10));
    }

    private static bool TakeOne(RecorderBench bench, out WindowBatch batch)
    {
        for (int i = 0; i < 100; i++)
        {
            if (bench.Recorder.WaitForBatch(10, out batch))
                return true;
        }

        batch = default;
        return false;
    }
}
