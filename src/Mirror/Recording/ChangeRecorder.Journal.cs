using SafeKit.Core;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>From the journal to the window and back.</summary>
public sealed partial class ChangeRecorder
{
    private const int MovedAtOnceMax = 512;
    private const long QuietNs = 500 * MonotonicClock.NanosecondsPerMillisecond;

    private const int SizesWaitMs = 20;

    private string? _epochGivenUp;
    private RecorderSizes _sizes = new(0, 0, 0, 0, 0);

    /// <summary>The last operation that came into the window from the journal.</summary>
    private ulong _liveAfter;

    internal long WindowBytes
    {
        get
        {
            lock (_lock)
                return _window.HeldBytes;
        }
    }

    internal long DirtyBytes
    {
        get
        {
            lock (_lock)
                return _journal.Dirty.Bytes;
        }
    }

    /// <summary>For status: the present sizes, or those read last where the lock is held for long: the journal's disk may hang.</summary>
    internal RecorderSizes Sizes
    {
        get
        {
            if (!Monitor.TryEnter(_lock, SizesWaitMs))
                return Volatile.Read(ref _sizes);
            try
            {
                var sizes = new RecorderSizes(
                    _operationCount, _operationBytes, _window.HeldBytes, _journal.OperationCount, _journal.Dirty.Bytes);
                Volatile.Write(ref _sizes, sizes);
                return sizes;
            }
            finally
            {
                Monitor.Exit(_lock);
            }
        }
    }

    /// <summary>Called on a thread of the pool when <see cref="GiveUpEpoch"/> was called.</summary>
    internal Action<string> EpochGivenUp { get; set; } = _ => { };

    /// <summary>Called on a thread that waited for the disk.</summary>
    internal Action<string> DiskRefused { get; set; } = _ => { };

    public void LostOnDisk(string reason) => DiskRefused(reason);

    public void GiveUpEpoch(string reason)
    {
        lock (_lock)
        {
            if (_epochGivenUp is not null || _sink == OperationSink.None)
                return;
            _epochGivenUp = reason;
            _journal.GiveUp(reason);
            _recent.GiveUp(reason);
            EndMarkingIfGivenUp();

            // Acknowledgements of the other node say nothing any more about what is not sent to it.
            if (_waitRule == WaitRule.Acknowledgement)
                _waitRule = WaitRule.Decision;
            _waiters.HoldAll();
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static call => call.Recorder.EpochGivenUp(call.Reason), (Recorder: this, Reason: reason), preferLocal: false);
    }

    internal JournalCursor OpenJournal() => new(_journal);

    /// <summary>Bytes of the journal behind the cursor.</summary>
    internal long JournalBytesAfter(JournalCursor cursor)
    {
        lock (_lock)
            return _journal.Bytes - cursor.PassedBytes;
    }

    /// <summary>Takes a file with everything of it that the other node misses.</summary>
    internal DirtyFile? TakeDirty()
    {
        lock (_lock)
            return _journal.Dirty.TryTake(out DirtyFile? dirty) ? dirty : null;
    }

    /// <summary>What was taken and not sent is missed again.</summary>
    internal void PutBack(DirtyFile dirty)
    {
        lock (_lock)
            _journal.Dirty.PutBack(dirty);
    }

    private bool MoveOne(JournalCursor cursor)
    {
        if (_journal.GivenUp is not null)
            throw new SafeKitException($"{_journal.GivenUp}: the other node will be surveyed");
        bool isThere;
        ReadOnlySpan<byte> bytes;
        Operation operation;
        do
        {
            isThere = cursor.TryNext(out operation, out bytes);
        }
        while (isThere && operation.Header.Sequence <= _window.LastSequence);

        if (cursor.IsDamaged)
            _journal.GiveUp("the journal is damaged");
        if (_journal.GivenUp is not null)
            throw new SafeKitException($"{_journal.GivenUp}: the other node will be surveyed");
        if (!isThere)
            return false;
        bytes.CopyTo(_window.Reserve(bytes.Length));
        Commit(bytes.Length, operation.Header.Sequence, OperationKind.None);
        return true;
    }

    /// <summary>The operations that the other node has not applied begin a new journal; their content becomes dirty ranges.</summary>
    private void MoveToJournal()
    {
        _journal.Restart(_window.AppliedSequence + 1, keepsDirty: true);
        _window.ForEachHeld((bytes, segment) =>
        {
            Operation.TryRead(bytes, out Operation operation);
            OperationHeader header = operation.Header;
            if (IsOfSurvey(header))
                _journal.GiveUp("the connection ended before a survey was applied");
            if (_journal.GivenUp is null)
                MoveOneToJournal(operation, segment);
        });
    }

    private void MoveOneToJournal(in Operation operation, WindowSegment segment)
    {
        OperationHeader header = operation.Header;
        JournalEntry entry = JournalEntry.Of(header, operation.Data.Length);
        if (entry.Dirty is { } range)
        {
            FileHandle handle = segment.Handles.GetValueOrDefault((header.Tree, header.File));
            _journal.Dirty.Mark(header.Tree, header.File, handle, range.Start, range.End);
        }

        // What came from the journal was considered when it got there: its file's number may have come back since, with content that is missed.
        if (entry.Gone != FileId.None && header.Sequence > _liveAfter)
            _journal.Dirty.Forget(header.Tree, entry.Gone);
        if (entry.IsOperation)
            _journal.Append(ref header, operation.Name, operation.OtherName, operation.Data);
        else
            _journal.AppendFiller(header.Sequence);
    }

    private static bool IsOfSurvey(in OperationHeader header) =>
        header.Kind is OperationKind.Listing or OperationKind.Digest && !header.Flags.HasFlag(OperationFlags.Verify);
}
