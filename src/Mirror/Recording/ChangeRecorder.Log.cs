using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// What is marked on this node's disk, so that after its crash only that has to be compared. An epoch of the log begins with what is marked for the
/// other node: while nobody is inside the gate.
/// </summary>
public sealed partial class ChangeRecorder
{
    private MarkLog? _log;
    private long _logSerial;

    public long LogSerial => Volatile.Read(ref _logSerial);

    /// <summary>Not null while changes are marked on the disk, or will be from the pairing on.</summary>
    internal MarkLog? Log
    {
        get
        {
            lock (_lock)
                return _log is { HasEnded: false } log ? log : null;
        }
    }

    /// <summary>Number of the last epoch of any log; 0: there was none.</summary>
    internal long LastLogEpoch
    {
        get
        {
            lock (_lock)
                return _log?.Epoch ?? 0;
        }
    }

    private bool IsLogSettled => _log?.IsSettled ?? true;

    public bool IsCreated(byte tree, ulong file, in FileHandle handle)
    {
        lock (_lock)
            return _markSerial != 0 && _recent.IsCreated(tree, file, handle);
    }

    public void LogDirectory(byte tree, byte[] path) => _log?.Append(new MarkRecord(MarkKind.Directory, tree, path), 0);

    public void LogRange(byte tree, byte[] path, long start, long end, long bytes) =>
        _log?.Append(new MarkRecord(MarkKind.Range, tree, path, start, end), bytes);

    public void LogWhole(byte tree, byte[] path, long bytes) => _log?.Append(new MarkRecord(MarkKind.Whole, tree, path), bytes);

    public void GiveUpLog(string reason) => _log?.GiveUp(reason);

    /// <summary>From the next pairing on changes are marked in it.</summary>
    internal void UseLog(MarkLog log)
    {
        MarkLog? former;
        lock (_lock)
            (former, _log) = (_log, log);
        former?.Dispose();
    }

    /// <summary>
    /// This node goes on by itself, or its disk cannot be trusted: what it changes is not marked on the disk any more, and no mark is found
    /// there.
    /// </summary>
    /// <exception cref="Core.SafeKitException">The disk refused: the log goes on.</exception>
    internal void EndLog()
    {
        Log?.End();
        Volatile.Write(ref _logSerial, 0);
    }

    /// <summary>While nobody is inside the gate.</summary>
    private void BeginLogEpoch()
    {
        _log?.BeginEpoch();
        Volatile.Write(ref _logSerial, _log is { HasEnded: false } log ? log.Epoch : 0);
    }
}
