using System.Diagnostics;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse;

/// <summary>Threads that wait for the local disk, so that no request worker does: several files reach it in parallel.</summary>
internal sealed class SyncThreads : IDisposable
{
    private const double Weight = 1.0 / 16;

    private readonly Lock _room = new();
    private readonly Queue<PendingReply> _queue = new();
    private readonly SemaphoreSlim _count = new(0);
    private readonly Thread[] _threads;
    private readonly Action<int> _note;
    private bool _ending;
    private double _averageUs;

    /// <param name="note">Called with what the disk said to each, 0 or errno, before the caller hears of it.</param>
    public SyncThreads(string name, int count, Action<int> note)
    {
        _note = note;
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(Run) { IsBackground = true, Name = $"{name} sync {i}" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Moving average of the time from the order to the disk's answer, microseconds.</summary>
    public double AverageUs => Volatile.Read(ref _averageUs);

    public void Enqueue(PendingReply reply)
    {
        lock (_room)
            _queue.Enqueue(reply);
        _count.Release();
    }

    /// <summary>Ends the threads once what is queued is done; does not wait for a disk that hangs.</summary>
    public void Dispose()
    {
        _ending = true;
        _count.Release(_threads.Length);
        foreach (Thread thread in _threads)
            thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Run()
    {
        while (true)
        {
            _count.Wait();
            PendingReply? reply;
            lock (_room)
            {
                if (!_queue.TryDequeue(out reply) && _ending)
                    return;
            }
            if (reply is null)
                continue;
            int errno = Bring(reply.Descriptor, reply.Sync);
            Measure(Stopwatch.GetElapsedTime(reply.Began));
            _note(errno);
            reply.PartDone(errno);
        }
    }

    private static int Bring(int descriptor, LocalSync sync)
    {
        int result = sync switch
        {
            LocalSync.File => LibC.fsync(descriptor),
            LocalSync.Data => LibC.fdatasync(descriptor),
            _ => LibC.syncfs(descriptor),
        };
        return result == 0 ? 0 : Errno.Last;
    }

    /// <summary>A lost update between two threads only makes the average coarser.</summary>
    private void Measure(TimeSpan elapsed)
    {
        double average = Volatile.Read(ref _averageUs);
        double us = elapsed.TotalMicroseconds;
        Volatile.Write(ref _averageUs, average == 0 ? us : average + ((us - average) * Weight));
    }
}
