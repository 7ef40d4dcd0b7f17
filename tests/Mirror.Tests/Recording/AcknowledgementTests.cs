using SafeKit.Core;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

public sealed class AcknowledgementTests
{
    [Fact]
    public void NobodyWaitsWhileTheNodeIsAlone()
    {
        using RecorderBench bench = new RecorderBench().Lead();
        Assert.Equal(1, Wait(bench, bench.Sync(5), Acknowledgement.Barrier).Calls);
    }

    [Fact]
    public void APairedWaiterGoesWithTheReceiptOfItsOperation()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        ulong first = bench.Write(5, 0, 10);
        ulong second = bench.Write(5, 10, 10);
        CountingWaiter waiter = Wait(bench, second, Acknowledgement.Received);
        bench.TakeAll();

        bench.Recorder.Acknowledge(first, 0);
        Assert.Equal(0, waiter.Calls);
        bench.Recorder.Acknowledge(second, 0);
        Assert.Equal(1, waiter.Calls);
    }

    [Fact]
    public void WhoWaitsSendsWhatNobodyHasSentYet()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        int calls = 0;
        bench.Recorder.SetSendNow(() => calls++);
        ulong sequence = bench.Sync(5);
        Assert.Equal(0, calls);
        Wait(bench, sequence, Acknowledgement.Barrier);
        Assert.Equal(1, calls);
        bench.TakeAll();
        Wait(bench, sequence, Acknowledgement.Barrier);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void WhoComesAfterTheReceiptDoesNotWait()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        ulong sequence = bench.Sync(5);
        bench.TakeAll();
        bench.Recorder.Acknowledge(sequence, 0);
        Assert.Equal(1, Wait(bench, sequence, Acknowledgement.Barrier).Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABarrierOnTheDiskNeedsItsOwnOperationOnTheDisk(bool diskComesFirst)
    {
        using RecorderBench bench = new RecorderBench(barrierWaitsForDisk: true).Pair();
        ulong other = bench.Sync(4);
        ulong own = bench.Sync(5);
        bench.TakeAll();
        bench.Recorder.Acknowledge(own, own);
        bench.Recorder.AcknowledgeDurable(other, 1000);
        if (diskComesFirst)
            bench.Recorder.AcknowledgeDurable(own, 1000);
        CountingWaiter waiter = Wait(bench, own, Acknowledgement.Barrier);
        Assert.Equal(diskComesFirst ? 1 : 0, waiter.Calls);
        bench.Recorder.AcknowledgeDurable(own, 1000);
        Assert.Equal(1, waiter.Calls);
    }

    [Fact]
    public void AnAnswerThatComesAfterTheDecisionToGoOnAlonePairsNobody()
    {
        using RecorderBench bench = new RecorderBench().Lead();
        bench.CatchUp(1);
        Assert.True(bench.Recorder.BeginPairing(() => true));
        bench.Recorder.ReleaseWaiters();
        bench.Recorder.Pair();
        Assert.NotEqual(RecorderMode.Paired, bench.Recorder.Mode);
    }

    [Fact]
    public void WhoeverStillWaitsIsCalledAtTheEnd()
    {
        RecorderBench bench = new RecorderBench().Pair();
        CountingWaiter waiter = Wait(bench, bench.Write(5, 0, 10), Acknowledgement.Received);
        bench.Dispose();
        Assert.Equal(1, waiter.Calls);
    }

    [Fact]
    public void ALostPeerReleasesNobodyUntilTheDecision()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        CountingWaiter before = Wait(bench, bench.Write(5, 0, 10), Acknowledgement.Received);
        bench.TakeAll();
        bench.Recorder.LosePeer();
        CountingWaiter after = Wait(bench, bench.Write(5, 0, 10), Acknowledgement.Received);
        CountingWaiter sync = Wait(bench, bench.Sync(5), Acknowledgement.Barrier);
        Assert.Equal((0, 0, 0), (before.Calls, after.Calls, sync.Calls));

        bench.Recorder.ReleaseWaiters();
        Assert.Equal((1, 1, 1), (before.Calls, after.Calls, sync.Calls));
    }

    [Fact]
    public void AReturningPeerReleasesThemOnlyWhenItIsUpToDate()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        bench.Recorder.LosePeer();
        ulong marked = bench.Write(5, 0, 10);
        CountingWaiter waiter = Wait(bench, marked, Acknowledgement.Received);
        bench.CatchUp(2);

        // The content of the marked range comes with a higher number than the one that its writer was given.
        ulong content = bench.Write(5, 0, 10);
        bench.TakeAll();
        bench.Recorder.Acknowledge(content, 0);
        Assert.Equal(0, waiter.Calls);
        Assert.True(bench.Recorder.BeginPairing(() => true));
        CountingWaiter late = Wait(bench, marked, Acknowledgement.Received);
        Assert.Equal((0, 0), (waiter.Calls, late.Calls));
        bench.Recorder.AppendEnd("{}"u8);
        ulong end = bench.TakeAll()[^1].Sequence;
        bench.Recorder.Acknowledge(end, end);
        Assert.Equal((0, 0), (waiter.Calls, late.Calls));
        bench.Recorder.Pair();
        Assert.Equal((1, 1), (waiter.Calls, late.Calls));
    }

    [Fact]
    public void WhatWasNeverSentCannotBeAcknowledged()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        ulong sequence = bench.Write(5, 0, 10);
        Assert.Throws<SafeKitException>(() => bench.Recorder.Acknowledge(sequence, 0));
        bench.TakeAll();
        Assert.Throws<SafeKitException>(() => bench.Recorder.Acknowledge(sequence + 1, 0));
        Assert.Throws<SafeKitException>(() => bench.Recorder.Acknowledge(sequence, sequence + 1));
        Assert.Throws<SafeKitException>(() => bench.Recorder.AcknowledgeDurable(sequence + 1, 0));
    }

    [Fact]
    public void WhatIsAppliedIsReceived()
    {
        using RecorderBench bench = new RecorderBench().Pair();
        ulong sequence = bench.Write(5, 0, 10);
        CountingWaiter waiter = Wait(bench, sequence, Acknowledgement.Received);
        bench.TakeAll();
        bench.Recorder.Acknowledge(sequence - 1, sequence);
        Assert.Equal(1, waiter.Calls);
    }

    private static CountingWaiter Wait(RecorderBench bench, ulong sequence, Acknowledgement level)
    {
        var waiter = new CountingWaiter();
        bench.Recorder.WhenAcknowledged(sequence, level, waiter);
        return waiter;
    }
}
