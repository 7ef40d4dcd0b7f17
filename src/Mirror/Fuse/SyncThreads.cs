using System.Diagnostics;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Fuse;

/// <summary>
/// Threads that wait for the local disk, so that no request worker does: several files reach it in parallel. The thread that waited last is woken
/// first, and none looks again and again before it sleeps: eight that did took 8 % of two processors.
/// </summary>
internal sealed class SyncThreads : IDisposable
{
    private const double Weight = 1.0 / 16;
    private const int LookMs = 10_000;

    private readonly Lock _room = new();
    private readonly Queue<PendingReply> _queue = new();
    private readonly List<Signal> _idle;
    private readonly Thread[] _threads;
    private readonly Action<int> _note;
    private bool _ending;
    private double _averageUs;

    /// <param name="note">Called with what the disk said to each, 0 or errno, before the caller hears of it.</param>
    public SyncThreads(string name, int count, Action<int> note)
    {
        _note = note;
        _idle = new List<Signal>(count);
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(Run) { IsBackground = true, Name = $"{name} sync {i}" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Moving average of the time from the order to the disk's answer, microseconds.</summary>
    public double AverageUs => Volatile.Read(ref _averageUs);

    public void Enqueue(PendingReply reply)
    {
        Signal? idle = null;
        lock (_room)
        {
            _queue.Enqueue(reply);
            if (_idle.Count > 0)
            {
                idle = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
            }
        }

        idle?.Set();
    }

    /// <summary>Ends the threads once what is queued is done; does not wait for a disk that hangs.</summary>
    public void Dispose()
    {
        lock (_room)
        {
            _ending = true;
            _idle.ForEach(idle => idle.Set());
        }

        foreach (Thread thread in _threads)
            thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Run()
    {
        var wake = new Signal();
        while (TryTake(wake, out PendingReply? reply))
        {
            if (reply is null)
            {
                wake.Wait(LookMs);
                continue;
            }

            int errno = Bring(reply.Descriptor, reply.Sync);
            Measure(Stopwatch.GetElapsedTime(reply.Began));
            _note(errno);
            reply.PartDone(errno);
        }
    }

    /// <param name="reply">The oldest; null: to wait for the signal.</param>
    /// <returns>False at the end.</returns>
    private bool TryTake(Signal wake, out PendingReply? reply)
    {
        lock (_room)
        {
            _idle.Remove(wake);
            if (_queue.TryDequeue(out reply))
                return true;
            _idle.Add(wake);
            return !_ending;
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
