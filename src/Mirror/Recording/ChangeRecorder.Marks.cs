using SafeKit.Core;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// What has changed since the last checkpoint of the other node, whatever the mode and the epoch. A checkpoint is asked for while nobody is inside
/// the gate: what is marked for a change is marked on the same side of it as the change is recorded.
/// </summary>
public sealed partial class ChangeRecorder
{
    /// <summary>Whoever is inside longer makes the checkpoint wait, not the others.</summary>
    private const int CheckpointGateMs = 5;

    private const long CheckpointRetryNs = 1000 * MonotonicClock.NanosecondsPerMillisecond;

    /// <summary>Since the checkpoint that is asked for; where none is, since the confirmed one.</summary>
    private ChangeMarks _recent = new();

    /// <summary>Between the confirmed checkpoint and the one that is asked for.</summary>
    private ChangeMarks _settling = new();

    private Checkpoint _confirmed;
    private Checkpoint _asked;
    private long _markSerial;
    private long _lastMarkSerial;
    private long _checkpointNs;
    private bool _surveysMarked;

    public long MarkSerial => Volatile.Read(ref _markSerial);

    /// <summary>Bytes and entries that would have to be compared after a crash of the other node.</summary>
    internal MarksPosition Marks
    {
        get
        {
            lock (_lock)
                return MarksUnlocked;
        }
    }

    private MarksPosition MarksUnlocked => new(
        _confirmed,
        _asked,
        _settling.GivenUp ?? _recent.GivenUp,
        _recent.GivenUp,
        _settling.FileCount + _recent.FileCount,
        _settling.DirectoryCount + _recent.DirectoryCount,
        _settling.Bytes + _recent.Bytes);

    /// <summary>Whether the other node can still be brought up to date by marks.</summary>
    private bool HasMarks => (!_confirmed.IsNone && (_settling.GivenUp ?? _recent.GivenUp) is null) || (!_asked.IsNone && _recent.GivenUp is null);

    public void MarkDirectory(byte tree, ulong directory, in FileHandle handle)
    {
        bool isNew;
        lock (_lock)
        {
            isNew = _markSerial != 0 && _recent.MarkDirectory(tree, directory, handle);
            EndMarkingIfGivenUp();
        }

        AfterMark();
        if (isNew && _surveysMarked && !IsListed(tree, directory))
            SurveyMarked?.Invoke(tree, new SurveyedFile(directory, handle, Native.LibC.S_IFDIR));
    }

    public void MarkFile(byte tree, ulong file, in FileHandle handle) => MarkRange(tree, file, handle, 0, 0);

    public void MarkRange(byte tree, ulong file, in FileHandle handle, long start, long end)
    {
        lock (_lock)
        {
            if (_markSerial != 0)
                _recent.MarkFile(tree, file, handle, start, end);
            EndMarkingIfGivenUp();
        }

        AfterMark();
    }

    public void MarkCreated(byte tree, ulong file, in FileHandle handle, bool isDirectory)
    {
        lock (_lock)
        {
            if (_markSerial != 0)
                _recent.MarkWhole(tree, file, handle, 0, isCreated: true);
            EndMarkingIfGivenUp();
        }

        AfterMark();
        if (isDirectory)
            MarkDirectory(tree, file, handle);
    }

    public void MarkMoved(byte tree, ulong file, in FileHandle handle, long sizeBytes, bool isPlain)
    {
        lock (_lock)
        {
            if (_markSerial != 0 && !isPlain && !_recent.IsCreated(tree, file, handle))
                _recent.GiveUp("a directory, or a file with several names, was renamed");
            else if (_markSerial != 0)
                _recent.MarkWhole(tree, file, handle, sizeBytes, isCreated: false);
            EndMarkingIfGivenUp();
        }

        AfterMark();
    }

    public void MarkLinked(byte tree, ulong file, in FileHandle handle)
    {
        lock (_lock)
        {
            if (_markSerial != 0 && !_recent.IsCreated(tree, file, handle))
                _recent.GiveUp("one of several names of a file came or went");
            EndMarkingIfGivenUp();
        }

        AfterMark();
    }

    public void GiveUpMarks(string reason)
    {
        lock (_lock)
        {
            if (_markSerial != 0)
                _recent.GiveUp(reason);
            EndMarkingIfGivenUp();
        }

        AfterMark();
    }

    /// <summary>A marked survey takes what is marked while it is under way. Called under a tree's locks.</summary>
    internal Action<byte, SurveyedFile>? SurveyMarked { get; set; }

    /// <summary>Whether the other node should be asked for a checkpoint: time has passed, or much has changed.</summary>
    internal bool IsCheckpointDue
    {
        get
        {
            lock (_lock)
            {
                long waitedNs = MonotonicClock.NowNs - _checkpointNs;
                bool hasMuch = _recent.GivenUp is not null
                    || _recent.Bytes >= _settings.MarkedBytesMax / 2
                    || _recent.Count >= ChangeMarks.EntriesMax / 2
                    || _log is { IsNearlyFull: true }
                    || _log?.MarkedBytes >= _settings.MarkedBytesMax / 2;
                bool hasChanged = hasMuch || _recent.Count > 0;

                // The other node takes it that what it was asked for before counts here (AppliedMarks).
                return _mode == RecorderMode.Paired && _asked.IsNone && IsLogSettled && hasChanged
                    && waitedNs >= (hasMuch ? Math.Min(CheckpointRetryNs, IntervalNs) : IntervalNs);
            }
        }
    }

    private long IntervalNs => (long)(_settings.CheckpointInterval.TotalMilliseconds * MonotonicClock.NanosecondsPerMillisecond);

    /// <summary>
    /// Asks the other node to make everything up to here durable. Not at once where somebody is inside the gate for long. As a change of mode: one
    /// caller at a time.
    /// </summary>
    /// <returns>What it was asked for; none: it was not.</returns>
    internal Checkpoint AskForCheckpoint()
    {
        Checkpoint asked = default;
        Volatile.Write(ref _isGateBrief, true);
        try
        {
            if (_gate.TryClose(CheckpointGateMs))
            {
                lock (_lock)
                {
                    AskWhileClosed();
                    asked = _asked;
                }
            }
        }
        finally
        {
            _gate.Open();
            Volatile.Write(ref _isGateBrief, false);
        }

        Resume(int.MaxValue);
        TellRoom();
        _sender.Set();
        return asked;
    }

    /// <summary>The other node has everything up to this operation on its disk, and has written that down.</summary>
    internal void ConfirmCheckpoint(ulong sequence)
    {
        lock (_lock)
        {
            if (!_asked.IsNone && _asked == new Checkpoint(_epoch, sequence))
                Confirm();
        }
    }

    /// <summary>The other node has come back and says which checkpoint it has: what it was asked for last may have been written or not.</summary>
    internal void ResolveCheckpoint(Checkpoint kept)
    {
        lock (_lock)
        {
            if (!_asked.IsNone && kept == _asked)
                Confirm();
            if (kept.IsNone || kept != _confirmed)
                EndMarks("the other node has no checkpoint that is known here");
            else
                JoinMarks();
            EndMarkingIfGivenUp();
        }
    }

    /// <summary>
    /// This node has taken over: what it has changed as secondary since one of two checkpoints is marked already, and goes on being marked. Before
    /// anybody enters.
    /// </summary>
    internal void Inherit(AppliedMarks applied)
    {
        lock (_lock)
        {
            (_confirmed, _settling) = (applied.Older, applied.SinceOlder);
            (_asked, _recent) = (applied.Newer, applied.SinceNewer);
            if (_confirmed.IsNone)
                (_confirmed, _asked) = (_asked, default);
            Volatile.Write(ref _markSerial, ++_lastMarkSerial);
            EndMarkingIfGivenUp();
        }
    }

    /// <summary>
    /// A new epoch, in which what is marked is introduced and compared; marks go on, so that an interrupted one can begin anew.
    /// </summary>
    /// <returns>False where the marks were given up meanwhile.</returns>
    internal bool TryBeginMarkedSurvey()
    {
        Exclusively(() =>
        {
            if (!HasMarks)
                return;
            JoinMarks();
            BeginSurveyEpoch();
            _surveysMarked = true;
        });
        return _surveysMarked;
    }

    internal List<(byte Tree, SurveyedFile Directory)> MarkedDirectories()
    {
        lock (_lock)
        {
            return [.. _recent.Directories.Select(marked =>
                (marked.Id.Tree, new SurveyedFile(marked.Id.File, marked.Handle, Native.LibC.S_IFDIR)))];
        }
    }

    internal bool IsMarkedDirectory(byte tree, ulong directory)
    {
        lock (_lock)
            return _recent.HasDirectory(tree, directory);
    }

    /// <summary>The ranges of a file that are marked; empty: its attributes alone; null: nothing of it.</summary>
    internal ByteRange[]? MarkedRanges(byte tree, in SurveyedFile file)
    {
        lock (_lock)
            return _recent.TryGet(tree, file.File, file.Handle) is { } marked ? [.. marked.Ranges] : null;
    }

    /// <summary>What an operation changes of a file's content, under the recorder's lock.</summary>
    private void MarkOperation(in OperationHeader header, in FileHandle handle, int dataBytes)
    {
        if (header.Flags.HasFlag(OperationFlags.Reintegration))
            return;
        if (header.Kind == OperationKind.SetAttributes && ((AttributeMask)header.Argument).HasFlag(AttributeMask.Size))
            _recent.MarkFile(header.Tree, header.File, handle, header.Length, ByteRange.ToTheEnd);
        else if (WritesContent(header.Kind) && JournalEntry.RangeOf(header, dataBytes) is { } range)
            _recent.MarkFile(header.Tree, header.File, handle, range.Start, range.End);
        EndMarkingIfGivenUp();
    }

    private void AskWhileClosed()
    {
        _checkpointNs = MonotonicClock.NowNs;
        if (_mode != RecorderMode.Paired || !_asked.IsNone || !IsLogSettled)
            return;
        RotateMarks();
        _asked = new Checkpoint(_epoch, AppendControl(OperationKind.Checkpoint, OperationFlags.None, []));
        _log?.Expect(_asked);
    }

    /// <summary>From here on changes are marked apart, while nobody is inside the gate.</summary>
    private void RotateMarks()
    {
        JoinMarks();
        (_settling, _recent) = (_recent, new ChangeMarks());
        Volatile.Write(ref _markSerial, ++_lastMarkSerial);
        BeginLogEpoch();
    }

    private void Confirm()
    {
        _log?.PeerHas(_asked);
        _confirmed = _asked;
        _asked = default;
        _settling = new ChangeMarks();
        _checkpointNs = MonotonicClock.NowNs;
    }

    /// <summary>No checkpoint is asked for: there is only what has changed since the confirmed one.</summary>
    private void JoinMarks()
    {
        if (!_asked.IsNone)
            _log?.ForgetExpected();
        _asked = default;
        _recent.Add(_settling);
        _settling = new ChangeMarks();
        EndMarkingIfGivenUp();
    }

    /// <summary>Nothing is known of the other node's disk any more.</summary>
    private void EndMarks(string reason)
    {
        _confirmed = _asked = default;
        _settling = new ChangeMarks();
        _recent.GiveUp(reason);
        EndMarkingIfGivenUp();
    }

    private void EndMarkingIfGivenUp()
    {
        if (_recent.GivenUp is not null)
            Volatile.Write(ref _markSerial, 0);
    }

    /// <summary>A survey that works off the marks finds nothing that is not marked.</summary>
    private void AfterMark()
    {
        if (_surveysMarked && Volatile.Read(ref _markSerial) == 0)
            GiveUpEpoch("something changed that cannot be marked");
    }
}
