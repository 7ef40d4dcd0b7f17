using System.Collections.Concurrent;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Tests.Stream;

public sealed class SyncWorkersTests
{
    private const int Threads = 4;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void BarriersOfOneFileThatWaitTogetherAreOneCallOfTheDisk()
    {
        using var begun = new CountdownEvent(Threads);
        using var go = new ManualResetEventSlim();
        var calls = new ConcurrentQueue<ulong[]>();
        using (var workers = new SyncWorkers(jobs =>
        {
            ulong[] sequences = [.. jobs.ToArray().Select(job => job.Sequence)];
            calls.Enqueue(sequences);
            if (sequences[0] <= Threads)
                begun.Signal();
            go.Wait(_limit);
        }))
        {
            for (ulong busy = 1; busy <= Threads; busy++)
                workers.Add(Job(busy, file: 100 + busy));
            Assert.True(begun.Wait(_limit));
            workers.Add(Job(11, file: 7));
            workers.Add(Job(12, file: 8));
            workers.Add(Job(13, file: 7));
            workers.Add(Job(14, file: 7) with { IsWholeTree = true });
            go.Set();
        }

        Assert.Equal(["11 13", "12", "14"], calls.Where(call => call[0] > Threads).Select(call => string.Join(' ', call)).Order());
    }

    [Fact]
    public void WhoeverComesWhileAllAreBusyIsNotForgotten()
    {
        var done = new ConcurrentQueue<ulong>();
        using (var workers = new SyncWorkers(jobs => jobs.ToArray().ToList().ForEach(job => done.Enqueue(job.Sequence))))
        {
            for (ulong sequence = 1; sequence <= 20_000; sequence++)
                workers.Add(Job(sequence, file: sequence % 9));
        }

        Assert.Equal(Enumerable.Range(1, 20_000), done.Select(sequence => (int)sequence).Order());
    }

    private static SyncJob Job(ulong sequence, ulong file) => new(null!, sequence, 0, file, -1, IsDataOnly: true, IsWholeTree: false);
}
