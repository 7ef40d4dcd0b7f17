using System.Runtime.InteropServices;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// Threads that wait for the disk, so that applying goes on meanwhile. Barriers of one file that wait at the same time are one call of the disk:
/// what is before any of them has been applied when it begins.
/// </summary>
internal sealed class SyncWorkers : IDisposable
{
    private const int ThreadCount = 4;
    private const int WaitingMax = 256;
    private const int LookMs = 10_000;

    private readonly object _gate = new();
    private readonly List<SyncJob> _waiting = new(WaitingMax);
    private readonly List<Signal> _idle = new(ThreadCount);
    private readonly Thread[] _threads;
    private readonly Action<ReadOnlySpan<SyncJob>> _sync;
    private bool _isEnding;

    /// <param name="sync">Brings barriers of one file, or of one tree, to the disk.</param>
    public SyncWorkers(Action<ReadOnlySpan<SyncJob>> sync)
    {
        _sync = sync;
        _threads = new Thread[ThreadCount];
        for (int i = 0; i < ThreadCount; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = "mirror-sync" };
            _threads[i].Start();
        }
    }

    /// <summary>Waits while too many are waiting already.</summary>
    public void Add(in SyncJob job)
    {
        Signal? idle = null;
        lock (_gate)
        {
            while (_waiting.Count == WaitingMax)
                Monitor.Wait(_gate);
            _waiting.Add(job);
            if (_idle.Count > 0)
            {
                idle = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
            }
        }

        idle?.Set();
    }

    /// <summary>What waits is still done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            _idle.ForEach(idle => idle.Set());
        }

        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Work()
    {
        var wake = new Signal();
        var taken = new List<SyncJob>(WaitingMax);
        while (Take(taken, wake))
        {
            if (taken.Count == 0)
                wake.Wait(LookMs);
            else
                _sync(CollectionsMarshal.AsSpan(taken));
        }
    }

    /// <summary>The oldest, and everything that is the same. Nothing: to wait for a signal.</summary>
    /// <returns>False at the end.</returns>
    private bool Take(List<SyncJob> taken, Signal wake)
    {
        taken.Clear();
        lock (_gate)
        {
            _idle.Remove(wake);
            if (_waiting.Count == 0)
            {
                _idle.Add(wake);
                return !_isEnding;
            }

            SyncJob oldest = _waiting[0];
            int kept = 0;
            for (int i = 0; i < _waiting.Count; i++)
            {
                SyncJob job = _waiting[i];
                if (oldest.IsSameAs(job))
                    taken.Add(job);
                else
                    _waiting[kept++] = job;
            }

            _waiting.RemoveRange(kept, _waiting.Count - kept);
            Monitor.PulseAll(_gate);
            return true;
        }
    }
}
