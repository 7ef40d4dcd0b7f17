using SafeKit.Core;

namespace SafeKit.Mirror.Recording;

/// <summary>Who may enter, who is parked, and when they are resumed.</summary>
public sealed partial class ChangeRecorder
{
    /// <summary>Room that one resumed request is expected to take.</summary>
    private const long BytesPerResumed = 64 << 10;

    /// <summary>So long a reintegration lets an application go first.</summary>
    private const long YieldNs = 50 * MonotonicClock.NanosecondsPerMillisecond;

    private readonly Queue<IParkedRequest> _parked = new();
    private readonly object _room = new();
    private int _hindrance;
    private int _roomWaiters;
    private bool _isGateBrief;

    /// <summary>
    /// Called on a thread of the pool when a request is parked for want of a chapter: it writes the chapter and calls <see
    /// cref="ChapterBegun"/>.
    /// </summary>
    internal Action ChapterWanted { get; set; } = () => { };

    private bool IsGateClosing => _gate.IsClosed && !Volatile.Read(ref _isGateBrief);

    internal bool IsChapterPending => HasHindrance(Hindrance.ChapterPending);

    internal int ParkedCount
    {
        get
        {
            lock (_parked)
                return _parked.Count;
        }
    }

    public bool TryEnter(IParkedRequest request)
    {
        while (true)
        {
            if (_gate.TryEnter())
            {
                // What forbids to enter is set while the gate is closed, or is allowed to be late (the window's fullness): seen from inside it
                // is stable.
                if (Volatile.Read(ref _hindrance) == 0)
                    return true;
                _gate.Exit();
            }

            if (TryPark(request))
                return false;
        }
    }

    public void Exit() => _gate.Exit();

    /// <summary>
    /// Enters for reintegration, once half of the window is free: the other half is the application's. Where an application keeps it fuller,
    /// reintegration queues up with its requests after a moment, so that it goes on all the same. Blocks; false when cancelled.
    /// </summary>
    internal bool EnterForReintegration(CancellationToken cancel)
    {
        long sinceNs = MonotonicClock.NowNs;
        while (!cancel.IsCancellationRequested)
        {
            bool yields = MonotonicClock.NowNs - sinceNs < YieldNs;
            long limit = yields ? _settings.WindowBytes / 2 : _settings.WindowBytes;
            if (WindowBytes <= limit && _gate.TryEnter())
                return true;
            if (yields || !IsParkedInTurn(cancel))
                WaitForRoom();
        }

        return false;
    }

    public bool AwaitRoom()
    {
        // Who closes the gate waits for whoever is inside; who closes it briefly gives up.
        while (!IsGateClosing && _sink == OperationSink.Window && WindowBytes > _settings.WindowBytes)
            WaitForRoom();
        return !IsGateClosing;
    }

    internal void ChapterBegun() => Clear(Hindrance.ChapterPending);

    private bool HasHindrance(Hindrance hindrance) => (Volatile.Read(ref _hindrance) & (int)hindrance) != 0;

    private void Hinder(Hindrance hindrance) => Interlocked.Or(ref _hindrance, (int)hindrance);

    private void Clear(Hindrance hindrance)
    {
        Interlocked.And(ref _hindrance, ~(int)hindrance);
        Resume(int.MaxValue);
    }

    /// <summary>False where there is no reason left to park.</summary>
    private bool TryPark(IParkedRequest request)
    {
        bool wantsChapter;
        lock (_parked)
        {
            // Whoever removes a reason resumes under this lock afterwards: no request is parked behind its back.
            if (Volatile.Read(ref _hindrance) == 0 && !_gate.IsClosed)
                return false;
            _parked.Enqueue(request);
            wantsChapter = IsChapterPending;
        }

        if (wantsChapter)
            ThreadPool.UnsafeQueueUserWorkItem(static recorder => recorder.ChapterWanted(), this, preferLocal: false);
        return true;
    }

    /// <summary>Resumes requests in the order in which they were parked; one that finds the window full again is parked at the end.</summary>
    private void Resume(long countMax)
    {
        // No more than are there now: one that is parked again meanwhile is not resumed again and again.
        long count = Math.Min(countMax, ParkedCount);
        for (long i = 0; i < count; i++)
        {
            IParkedRequest? request;
            lock (_parked)
            {
                if (!_parked.TryDequeue(out request))
                    return;
            }

            request.Resume();
        }
    }

    /// <summary>Waits behind the requests that are parked already. False, without having waited, where the window is not full.</summary>
    private bool IsParkedInTurn(CancellationToken cancel)
    {
        ParkedThread turn;
        lock (_parked)
        {
            if (!HasHindrance(Hindrance.WindowFull))
                return false;
            _parked.Enqueue(turn = new ParkedThread());
        }

        turn.Wait(cancel);
        return true;
    }

    private void WaitForRoom()
    {
        lock (_room)
        {
            _roomWaiters++;
            Monitor.Wait(_room, 10);
            _roomWaiters--;
        }
    }

    private void TellRoom()
    {
        lock (_room)
        {
            if (_roomWaiters > 0)
                Monitor.PulseAll(_room);
        }
    }

    /// <summary>Runs a change of mode while nobody is inside the gate.</summary>
    private void Exclusively(Action change)
    {
        _gate.Close();
        try
        {
            lock (_lock)
                change();
        }
        finally
        {
            _gate.Open();
        }

        CallReleased();
        Resume(int.MaxValue);
        TellRoom();
        _sender.Set();
    }
}
