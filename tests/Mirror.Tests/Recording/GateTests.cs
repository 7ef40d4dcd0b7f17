using System.Collections.Concurrent;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

public sealed class GateTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task NobodyIsInsideAClosedGate()
    {
        using var gate = new ChangeGate();
        int inside = 0;
        int entered = 0;
        bool stops = false;
        Task[] workers = [.. Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref stops))
                {
                    if (!gate.TryEnter())
                        continue;
                    Interlocked.Increment(ref inside);
                    Interlocked.Increment(ref entered);
                    Interlocked.Decrement(ref inside);
                    gate.Exit();
                }
            },
            TaskCreationOptions.LongRunning))];
        for (int i = 0; i < 2000; i++)
        {
            gate.Close();
            Assert.Equal(0, Volatile.Read(ref inside));
            int before = Volatile.Read(ref entered);
            Thread.SpinWait(50);
            Assert.Equal(before, Volatile.Read(ref entered));
            gate.Open();
        }

        int seen = Volatile.Read(ref entered);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref entered) > seen, _limit));
        Volatile.Write(ref stops, true);
        await Task.WhenAll(workers).WaitAsync(_limit);
    }

    [Fact]
    public void AFullWindowParksInOrderAndEverybodyIsResumedOnce()
    {
        using RecorderBench bench = new RecorderBench(windowBytes: 100_000).Pair();
        ulong last = bench.Write(5, 0, 120_000);
        var resumed = new List<int>();
        for (int i = 0; i < 5; i++)
            Assert.False(bench.Recorder.TryEnter(new Parked(i, resumed.Add)));
        bench.TakeAll();
        bench.Recorder.Acknowledge(last, 0);
        Assert.Empty(resumed);
        bench.Recorder.Acknowledge(last, last);
        Assert.Equal([0, 1, 2, 3, 4], resumed);
        Assert.Equal(0, bench.Recorder.ParkedCount);
        bench.Write(5, 0, 1);
    }

    [Fact]
    public void ALostPeerMakesRoom()
    {
        using RecorderBench bench = new RecorderBench(windowBytes: 100_000).Pair();
        bench.Write(5, 0, 120_000);
        var resumed = new List<int>();
        Assert.False(bench.Recorder.TryEnter(new Parked(1, resumed.Add)));
        bench.Recorder.LosePeer();
        Assert.Equal([1], resumed);
        bench.Write(5, 0, 120_000);
    }

    [Fact]
    public void NoChangeIsLetInBeforeItsChapter()
    {
        using var bench = new RecorderBench();
        using var wanted = new SemaphoreSlim(0);
        bench.Recorder.ChapterWanted = () => wanted.Release();
        bench.Recorder.Start(7, 0, 3, 99);
        var resumed = new List<int>();
        Assert.False(bench.Recorder.TryEnter(new Parked(1, resumed.Add)));
        Assert.True(wanted.Wait(_limit));
        Assert.Empty(resumed);
        bench.Recorder.ChapterBegun();
        Assert.Equal([1], resumed);
        bench.Write(5, 0, 1);
    }

    /// <summary>Workers, the sender, acknowledgements, and losses of the other node, all at once: nothing is lost, nobody is parked for ever.</summary>
    [Fact]
    public async Task ManyWorkersAgainstASmallWindow()
    {
        const int Workers = 8;
        const int Operations = 3000;
        using RecorderBench bench = new RecorderBench(windowBytes: 200_000).Pair();
        ChangeRecorder recorder = bench.Recorder;
        using var stop = new CancellationTokenSource();
        ulong expected = recorder.Position.LastSequence + 1;
        Task sender = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested || recorder.WindowBytes > 0)
                {
                    if (!recorder.WaitForBatch(10, out WindowBatch batch))
                        continue;
                    for (ReadOnlySpan<byte> rest = batch.Bytes; rest.Length > 0;)
                    {
                        Assert.Equal(OperationReadVerdict.Complete, Operation.TryRead(rest, out Operation operation));
                        Assert.Equal(expected++, operation.Header.Sequence);
                        rest = rest[(int)operation.Header.Bytes..];
                    }

                    recorder.Acknowledge(batch.LastSequence, batch.LastSequence);
                    recorder.BatchSent(batch);
                }
            },
            TaskCreationOptions.LongRunning);
        Task[] workers = [.. Enumerable.Range(0, Workers).Select(w => Task.Factory.StartNew(() => Work(recorder, (ulong)w + 1, Operations), TaskCreationOptions.LongRunning))];

        await Task.WhenAll(workers).WaitAsync(_limit);
        await stop.CancelAsync();
        await sender.WaitAsync(_limit);
        Assert.Equal(Workers * Operations, (int)(expected - 2));
    }

    [Fact]
    public async Task AReintegrationGoesOnWhereAnApplicationKeepsTheWindowMoreThanHalfFull()
    {
        using RecorderBench bench = new RecorderBench(windowBytes: 100_000).Pair();
        bench.Write(5, 0, 80_000);
        await EnterAsync(bench.Recorder).WaitAsync(_limit);
    }

    [Fact]
    public async Task AReintegrationTakesItsTurnAmongParkedRequests()
    {
        using RecorderBench bench = new RecorderBench(windowBytes: 100_000).Pair();
        ulong first = bench.Write(5, 0, 60_000);
        bench.Write(5, 0, 60_000);
        bench.TakeAll();
        var resumed = new List<int>();
        Assert.False(bench.Recorder.TryEnter(new Parked(1, resumed.Add)));
        Task entering = EnterAsync(bench.Recorder);
        Assert.True(SpinWait.SpinUntil(() => bench.Recorder.ParkedCount == 2, _limit), "it does not queue up");
        Assert.False(entering.IsCompleted);

        // Room for some, and still more than half full: the first in the queue, and no other, is resumed at the first acknowledgement.
        bench.Recorder.Acknowledge(first, first);
        Assert.Equal([1], resumed);
        bench.Recorder.Acknowledge(first, first);
        await entering.WaitAsync(_limit);
    }

    [Fact]
    public async Task WhoAppendsSomethingLongWaitsForRoomAndNotForALostPeer()
    {
        using RecorderBench bench = new RecorderBench(windowBytes: 100_000).Pair();
        ulong last = bench.Write(5, 0, 120_000);
        bench.TakeAll();
        Task<bool> waiting = Task.Factory.StartNew(bench.Recorder.AwaitRoom, TaskCreationOptions.LongRunning);
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(100)));
        bench.Recorder.Acknowledge(last, last);
        Assert.True(await waiting.WaitAsync(_limit));

        Task<bool> inside = Task.Factory.StartNew(
            () =>
            {
                Assert.True(bench.Recorder.EnterForReintegration(CancellationToken.None));
                var header = OperationHeader.Of(OperationKind.Write, 0, 5);
                bench.Recorder.Append(ref header, default, [], [], new byte[120_000]);
                bool room = bench.Recorder.AwaitRoom();
                bench.Recorder.Exit();
                return room;
            },
            TaskCreationOptions.LongRunning);
        Assert.NotSame(inside, await Task.WhenAny(inside, Task.Delay(100)));
        bench.Recorder.LosePeer();
        Assert.False(await inside.WaitAsync(_limit));
    }

    private static Task EnterAsync(ChangeRecorder recorder) => Task.Factory.StartNew(
        () =>
        {
            Assert.True(recorder.EnterForReintegration(CancellationToken.None));
            recorder.Exit();
        },
        TaskCreationOptions.LongRunning);

    private static void Work(ChangeRecorder recorder, ulong file, int operations)
    {
        using var turn = new ManualResetEventSlim();
        var random = new Random((int)file);
        byte[] data = new byte[8000];
        for (int i = 0; i < operations; i++)
        {
            turn.Reset();
            while (!recorder.TryEnter(new Parked(0, _ => turn.Set())))
            {
                Assert.True(turn.Wait(_limit), "a parked request was not resumed");
                turn.Reset();
            }

            var header = OperationHeader.Of(OperationKind.Write, 0, file);
            recorder.Append(ref header, default, [], [], data.AsSpan(0, random.Next(1, data.Length)));
            recorder.Exit();
        }
    }

    private sealed class Parked(int number, Action<int> resumed) : IParkedRequest
    {
        public void Resume() => resumed(number);
    }
}
