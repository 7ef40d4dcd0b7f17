using System.Collections.Concurrent;

namespace SafeKit.Mirror.Stream;

/// <summary>Threads that wait for the disk, so that applying goes on meanwhile.</summary>
internal sealed class SyncWorkers : IDisposable
{
    private const int ThreadCount = 4;
    private const int WaitingMax = 256;

    private readonly BlockingCollection<SyncJob> _jobs = new(WaitingMax);
    private readonly Thread[] _threads;

    public SyncWorkers()
    {
        _threads = new Thread[ThreadCount];
        for (int i = 0; i < ThreadCount; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = "mirror-sync" };
            _threads[i].Start();
        }
    }

    /// <summary>Waits while too many are waiting already.</summary>
    public void Add(in SyncJob job) => _jobs.Add(job);

    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (Thread thread in _threads)
            thread.Join();
        _jobs.Dispose();
    }

    private void Work()
    {
        foreach (SyncJob job in _jobs.GetConsumingEnumerable())
            job.Session.Sync(job);
    }
}
