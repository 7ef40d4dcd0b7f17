using System.Diagnostics;

namespace SafeKit.Mirror.Stream;

/// <summary>What is on its way to the disk: the jobs of this connection, and the write-back that no barrier asks for.</summary>
internal sealed partial class FollowerSession
{
    /// <summary>Whoever takes over does not wait longer for a slow disk; what the disk says later is recorded all the same.</summary>
    private static readonly TimeSpan _jobsLimit = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan _restBeforeSync = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _syncInterval = TimeSpan.FromSeconds(30);

    private readonly object _jobsGate = new();
    private int _jobs;
    private bool _isOver;
    private volatile bool _hasLostSync;
    private bool _hasChanged;
    private bool _isUnsynced;
    private long _lastChange;
    private long _lastSync = Stopwatch.GetTimestamp();

    public void BeginJob()
    {
        lock (_jobsGate)
            _jobs++;
    }

    /// <summary>The disk refused what had been applied.</summary>
    public void LoseSync(Exception failure)
    {
        _hasLostSync = true;
        Fail(failure);
    }

    private void EndJobs(int count)
    {
        lock (_jobsGate)
        {
            _jobs -= count;
            Monitor.PulseAll(_jobsGate);
        }
    }

    /// <summary>Waits for the jobs, not for long. A failure after this is one of no connection.</summary>
    private void EndJobs()
    {
        long start = Stopwatch.GetTimestamp();
        lock (_jobsGate)
        {
            for (TimeSpan left = _jobsLimit; _jobs > 0 && left > TimeSpan.Zero; left = _jobsLimit - Stopwatch.GetElapsedTime(start))
                Monitor.Wait(_jobsGate, left);
            _isOver = true;
        }
    }

    /// <summary>False where this connection has failed already, or is over.</summary>
    private bool TryFail(Exception failure)
    {
        lock (_jobsGate)
        {
            if (!_isOver)
            {
                if (_failure is not null)
                    return false;
                _failure = failure;
                return true;
            }
        }

        _state.FailLate(this, failure);
        return false;
    }

    private void NoteChange()
    {
        _hasChanged = false;
        _isUnsynced = true;
        _lastChange = Stopwatch.GetTimestamp();
    }

    /// <summary>
    /// Where barriers do not wait for this disk, nobody would hear of a write-back that failed before this node leads. So it is asked for when
    /// nothing has come for a while, and from time to time.
    /// </summary>
    private void SyncWhenDue()
    {
        if (!_isUnsynced || _state.SyncsBarriers)
            return;
        bool isDue = Stopwatch.GetElapsedTime(_lastChange) >= _restBeforeSync || Stopwatch.GetElapsedTime(_lastSync) >= _syncInterval;
        if (!isDue || Volatile.Read(ref _jobs) > 0)
            return;
        _isUnsynced = false;
        _lastSync = Stopwatch.GetTimestamp();
        _state.SyncTrees(this);
    }
}
