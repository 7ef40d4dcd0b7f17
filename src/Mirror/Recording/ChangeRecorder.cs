using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// Numbers the changes of all trees of a module, and keeps them: in the window while the other node is there, in the journal while it is not.
/// Knows who waits for what. Its
/// mode is changed only while nobody is inside the change gate, by one caller at a time (<see cref="Stream.LeaderData"/>).
/// </summary>
public sealed partial class ChangeRecorder : IChangeRecorder, IDisposable
{
    private readonly ReplicatedDataSettings _settings;

    /// <summary>Innermost: guards window, journal, waiters and everything that has no other protection.</summary>
    private readonly object _lock = new();

    private readonly ChangeGate _gate = new();
    private readonly OperationWindow _window = new();
    private readonly AcknowledgementQueue _waiters = new();
    private readonly Journal _journal;

    private RecorderMode _mode;
    private OperationSink _sink;
    private WaitRule _waitRule;
    private ulong _epoch;
    private ulong _sequence;
    private ulong _baseEpoch;
    private ulong _baseSequence;
    private long _operationCount;
    private long _operationBytes;

    internal ChangeRecorder(ReplicatedDataSettings settings, Journal journal)
    {
        _settings = settings;
        _journal = journal;
        _sendNow = _wakeSender = _sender.Set;
    }

    public ulong Epoch => _epoch;

    public Introduction Introduction { get; private set; }

    public ulong Append(
        ref OperationHeader header,
        in FileHandle handle,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> otherName,
        ReadOnlySpan<byte> data)
    {
        if (_sink == OperationSink.None)
            return 0;
        ulong sequence;
        bool wakes;
        lock (_lock)
        {
            _operationCount++;
            _operationBytes += OperationHeader.Size + name.Length + otherName.Length + data.Length;
            if (_markSerial != 0)
                MarkOperation(header, handle, data.Length);
            if (_sink == OperationSink.Journal)
                return AppendToJournal(ref header, handle, name, otherName, data);
            sequence = AppendToWindow(ref header, handle, name, otherName, data, out wakes);
        }

        if (wakes)
            _sender.Set();
        AfterMark();
        if (Introduction == Introduction.BySurvey)
            NoteIntroduced(header);
        return sequence;
    }

    /// <summary>Whoever still waits is called, so that what it holds is freed; the mounts are gone, and nobody hears the answer.</summary>
    public void Dispose()
    {
        lock (_lock)
            _waiters.ReleaseAll();
        CallReleased();
        _window.Dispose();
        _journal.Dispose();
        _log?.Dispose();
        _gate.Dispose();
    }

    private static bool IsUrgent(OperationKind kind) => IsBarrier(kind) || kind is OperationKind.ReintegrationEnd
        or OperationKind.VerifyEnd
        or OperationKind.Ping
        or OperationKind.Leave;

    private static bool IsBarrier(OperationKind kind) => kind is OperationKind.Sync or OperationKind.SyncTree;

    private static bool WritesContent(OperationKind kind) => kind is OperationKind.Write or OperationKind.Hole or OperationKind.Allocate;

    private ulong AppendToWindow(
        ref OperationHeader header,
        in FileHandle handle,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> otherName,
        ReadOnlySpan<byte> data,
        out bool wakes)
    {
        ulong sequence = ++_sequence;
        header.Sequence = sequence;
        int bytes = OperationHeader.Size + name.Length + otherName.Length + data.Length;
        OperationHeader.Write(ref header, name, otherName, data, _window.Reserve(bytes));
        if (WritesContent(header.Kind))
            _window.Keep(header.Tree, header.File, handle);
        wakes = Commit(bytes, sequence, header.Kind);
        return sequence;
    }

    /// <returns>Whether the sender is to be woken.</returns>
    private bool Commit(int bytes, ulong sequence, OperationKind kind)
    {
        long before = _window.UnsentBytes;
        _window.Commit(bytes, sequence);
        if (before == 0)
            _unsentSinceNs = Core.MonotonicClock.NowNs;
        bool isUrgent = IsUrgent(kind);
        if (isUrgent)
            _urgentSequence = sequence;
        if (_window.HeldBytes > _settings.WindowBytes)
            Hinder(Hindrance.WindowFull);

        // Whoever appends a barrier comes to wait for it at once, and sends it then.
        bool wakes = (isUrgent && !IsBarrier(kind)) || _senderSleeps || (before < FlushBytes && _window.UnsentBytes >= FlushBytes);
        _senderSleeps &= !wakes;
        return wakes;
    }

    private ulong AppendToJournal(
        ref OperationHeader header, in FileHandle handle, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName, ReadOnlySpan<byte> data)
    {
        JournalEntry entry = JournalEntry.Of(header, data.Length);
        if (entry.IsOperation)
            header.Sequence = ++_sequence;
        if (_journal.GivenUp is null)
        {
            if (entry.Dirty is { } range)
                _journal.Dirty.Mark(header.Tree, header.File, handle, range.Start, range.End);
            if (entry.Gone != FileId.None)
                _journal.Dirty.Forget(header.Tree, entry.Gone);
            if (entry.IsOperation)
                _journal.Append(ref header, name, otherName, data);
        }

        // A marked range has no number of its own; but 0 would say that nothing was recorded.
        return Math.Max(1, _sequence);
    }
}
