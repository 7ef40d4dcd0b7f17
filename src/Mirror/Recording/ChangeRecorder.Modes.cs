using System.Security.Cryptography;
using SafeKit.Core;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>The changes of mode. One caller at a time.</summary>
public sealed partial class ChangeRecorder
{
    internal RecorderMode Mode => _mode;

    /// <summary>Whether whoever wants to, waits for the other node, or for the decision to go on without it.</summary>
    internal bool MakesWait => _waitRule != WaitRule.Nothing;

    internal RecorderPosition Position
    {
        get
        {
            lock (_lock)
            {
                return new RecorderPosition(
                    _epoch,
                    _journal.FirstSequence,
                    _sequence,
                    _baseEpoch,
                    _baseSequence,
                    _epochGivenUp ?? _journal.GivenUp,
                    _journal.Dirty.FileCount > 0)
                {
                    Marks = MarksUnlocked,
                };
            }
        }
    }

    /// <summary>Whether the other node, when it was last there, had applied everything that was recorded.</summary>
    internal bool PeerMissesNothing
    {
        get
        {
            lock (_lock)
            {
                return _epoch != 0 && _epochGivenUp is null && _journal.GivenUp is null && _journal.OperationCount == 0
                    && _journal.Dirty.FileCount == 0 && _window.HeldBytes == 0;
            }
        }
    }

    /// <summary>Begins to record, before any change; the next change begins a chapter.</summary>
    /// <param name="epoch">0: nothing is recorded, for no journal could help the other node.</param>
    internal void Start(ulong epoch, ulong sequence, ulong baseEpoch, ulong baseSequence)
    {
        Hinder(Hindrance.ChapterPending);
        _epoch = epoch;
        _sequence = sequence;
        _baseEpoch = baseEpoch;
        _baseSequence = baseSequence;
        _window.Restart(sequence);
        if (epoch == 0)
            _journal.GiveUp("the position of this node's data is not known");
        SetIdleOrJournaling(epoch == 0);
    }

    /// <summary>A random identity; 0 has a meaning of its own.</summary>
    internal static ulong NewEpoch()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1;
    }

    /// <summary>A new epoch, in which a survey introduces everything: changes of what it has reached are sent, the rest it will find.</summary>
    internal void BeginSurvey() => Exclusively(() =>
    {
        EndMarks("everything is being compared");
        BeginSurveyEpoch();
    });

    private void BeginSurveyEpoch()
    {
        _journal.GiveUp("a survey has begun");
        _epochGivenUp = null;
        _epoch = NewEpoch();
        _baseEpoch = _baseSequence = 0;
        RestartWindow(0);
        _sequence = 0;
        _liveAfter = 0;
        _introduced = new FileIdSet();
        _listed = new FileIdSet();
        _departed = new FileIdSet();
        Introduction = Introduction.BySurvey;
        _sink = OperationSink.Window;
        _mode = RecorderMode.Surveying;
    }

    /// <summary>The other node is there and gets the journal's operations from this one on; changes still go to the journal.</summary>
    internal void BeginCatchUp(ulong firstSequence) => Exclusively(() =>
    {
        RestartWindow(firstSequence - 1);
        _mode = RecorderMode.CatchingUp;
    });

    /// <summary>
    /// The other node is there and misses nothing: changes follow at once. Decided while nobody is inside the gate, for a node that is told that
    /// it misses nothing goes on
    /// believing itself current, and so must get every change in order.
    /// </summary>
    /// <returns>False where it does miss something by now.</returns>
    internal bool TryBeginLive(ulong nextSequence)
    {
        bool begins = false;
        Exclusively(() =>
        {
            begins = nextSequence == _sequence + 1 && _journal.Dirty.FileCount == 0 && _journal.GivenUp is null && _epochGivenUp is null;
            if (!begins)
                return;
            RestartWindow(_sequence);
            _liveAfter = _sequence;
            _mode = RecorderMode.CatchingUp;
            _sink = OperationSink.Window;
        });
        return begins;
    }

    /// <summary>Moves operations of the journal to the window, as far as there is room.</summary>
    /// <returns>True at the journal's present end.</returns>
    /// <exception cref="SafeKitException">The journal does not hold what it should: the other node must be surveyed.</exception>
    internal bool MoveFromJournal(JournalCursor cursor)
    {
        bool isAtEnd = false;
        lock (_lock)
        {
            for (int i = 0; i < MovedAtOnceMax && !isAtEnd && MayMove(); i++)
                isAtEnd = !MoveOne(cursor);
        }

        _sender.Set();
        return isAtEnd;
    }

    /// <summary>
    /// One operation is always moved after a while: the other node must hear from this one, and there are no other signs of life now.
    /// </summary>
    private bool MayMove() =>
        _window.HeldBytes <= _settings.WindowBytes / 2
        || (_window.UnsentBytes == 0 && MonotonicClock.NowNs - _unsentSinceNs > QuietNs);

    /// <summary>Moves what is left in the journal to the window; from here on changes follow there by themselves.</summary>
    /// <exception cref="SafeKitException">As for <see cref="MoveFromJournal"/>.</exception>
    internal void SwitchToLive(JournalCursor cursor) => Exclusively(() =>
    {
        while (MoveOne(cursor))
        {
        }

        Invariant.That(_window.LastSequence == _sequence, "the journal holds every operation");
        _liveAfter = _sequence;
        _sink = OperationSink.Window;
    });

    /// <summary>
    /// Everything that the other node missed is in the stream, or follows in it: from here on whoever waits, waits for the other node. It must
    /// be so before the other
    /// node is told that it is up to date (<see cref="AppendEnd"/>), see <see cref="Stream.LeaderData"/>.
    /// </summary>
    /// <param name="isComplete">Asked while nobody is inside the gate.</param>
    /// <returns>False where something is left to do.</returns>
    internal bool BeginPairing(Func<bool> isComplete)
    {
        bool begins = false;
        Exclusively(() =>
        {
            begins = isComplete() && _epochGivenUp is null;
            if (begins)
                SetPairing();
        });
        return begins;
    }

    /// <summary>The end of the reintegration, with the record that the other node is to keep.</summary>
    /// <returns>The checkpoint that it stands for; none: the connection is gone.</returns>
    internal Checkpoint AppendEnd(ReadOnlySpan<byte> record)
    {
        ulong sequence = AppendControl(OperationKind.ReintegrationEnd, OperationFlags.Reintegration, record);
        lock (_lock)
        {
            _heldUpTo = Math.Min(_heldUpTo, sequence);
            if (sequence == 0)
                return default;
            _asked = new Checkpoint(_epoch, sequence);
            _log?.Expect(_asked);
            return _asked;
        }
    }

    /// <summary>The other node has confirmed.</summary>
    internal void Pair() => Exclusively(() =>
    {
        // What it has confirmed is not everything any more, or this node has decided to go on alone; the connection is about to end.
        if (_epochGivenUp is not null || _waitRule != WaitRule.Acknowledgement)
            return;
        _mode = RecorderMode.Paired;
        Confirm();
        _heldUpTo = 0;
        _waiters.ReleaseHeld();
        _journal.Restart(_sequence + 1, keepsDirty: false);
    });

    /// <summary>
    /// The other node is gone, and the sender has stopped: what it has not applied becomes the beginning of the journal, with its numbers, so
    /// that it can go on from there
    /// if its process has survived. Whoever waits goes on waiting.
    /// </summary>
    internal void LosePeer() => Exclusively(() =>
    {
        bool isSurvey = _mode == RecorderMode.Surveying;
        if (_sink == OperationSink.Window && !isSurvey)
            MoveToJournal();
        if (_epochGivenUp is not null)
            _journal.GiveUp(_epochGivenUp);
        RestartWindow(_sequence);
        if (_waitRule == WaitRule.Acknowledgement)
            _waitRule = WaitRule.Decision;
        _waiters.HoldAll();
        _heldUpTo = 0;
        _introduced = null;
        _listed = null;
        _surveysMarked = false;
        if (_asked.IsNone)
            JoinMarks();

        // As long as somebody has to wait there must be an epoch, for without one nothing is appended and nobody waits; nor is anything marked.
        SetIdleOrJournaling(isSurvey && _waitRule == WaitRule.Nothing && !HasMarks);
    });

    /// <summary>
    /// The other node wants to leave: it gets everything up to here and nothing more, and a new epoch begins, whose journal starts with exactly
    /// what it has then.
    /// Whoever waits from here on waits for the decision to go on alone.
    /// </summary>
    /// <returns>False where the nodes are not paired: what the other node has is nothing to begin with.</returns>
    internal bool LetPeerLeave()
    {
        bool isPaired = false;
        Exclusively(() =>
        {
            isPaired = _mode == RecorderMode.Paired;
            if (isPaired)
                BeginEpochAt(AppendControl(OperationKind.Leave, OperationFlags.None, []));
        });
        return isPaired;
    }

    /// <summary>The other node has left with this operation as its last. If it is the last one here too, a new epoch begins with it.</summary>
    internal void NotePeerLeft(ulong applied) => Exclusively(() =>
    {
        if (_mode == RecorderMode.Paired && applied == _sequence)
            BeginEpochAt(applied);
    });

    /// <summary>From here on nobody enters before <see cref="ChapterBegun"/>.</summary>
    internal void AwaitChapter() => Exclusively(() => Hinder(Hindrance.ChapterPending));

    /// <summary>The decision to go on alone is on disk: nobody waits for the other node any more.</summary>
    internal void ReleaseWaiters()
    {
        lock (_lock)
        {
            _waitRule = WaitRule.Nothing;
            _heldUpTo = 0;
            _waiters.ReleaseAll();
        }

        CallReleased();
    }

    /// <summary>Closes the journal in good order, for the next run. Nobody may enter any more.</summary>
    internal void CloseJournal(Guid chapter)
    {
        lock (_lock)
            _journal.CloseClean(_epoch, _baseEpoch, _baseSequence, _sequence, chapter);
    }

    private void BeginEpochAt(ulong sequence)
    {
        _baseEpoch = _epoch;
        _baseSequence = sequence;
        _epoch = NewEpoch();
        _sequence = 0;
        _journal.Restart(1, keepsDirty: false);
        _waitRule = WaitRule.Decision;
        _waiters.HoldAll();
        SetIdleOrJournaling(isIdle: false);
    }

    private void SetPairing()
    {
        _waitRule = WaitRule.Acknowledgement;
        _heldUpTo = ulong.MaxValue;
        _mode = RecorderMode.Pairing;
        _surveysMarked = false;
        RotateMarks();
        Introduction = Introduction.WhenFirstNamed;
        _introduced = null;
        _listed = null;
    }

    private void RestartWindow(ulong sequence)
    {
        _window.Restart(sequence);
        _waiters.Restart(sequence);
        _urgentSequence = 0;
        _measuredSequence = 0;
        Interlocked.Exchange(ref _progressNs, MonotonicClock.NowNs);
        Interlocked.And(ref _hindrance, ~(int)Hindrance.WindowFull);
    }

    private void SetIdleOrJournaling(bool isIdle)
    {
        _mode = isIdle ? RecorderMode.Idle : RecorderMode.Journaling;
        _sink = isIdle ? OperationSink.None : OperationSink.Journal;
        Introduction = isIdle ? Introduction.None : Introduction.WhenFirstNamed;
        if (isIdle)
            _epoch = 0;
    }
}
