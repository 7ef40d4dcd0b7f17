using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>Goes through the operations of a journal in order; what is appended meanwhile is found too. The recorder's lock is held by every caller.</summary>
internal sealed class JournalCursor(Journal journal)
{
    private readonly byte[] _buffer = new byte[2 * OperationHeader.BytesMax];
    private int _start;
    private int _end;
    private long _readBytes;

    /// <summary>An operation was not as it had been written: nothing behind it can be trusted.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Bytes of the journal that were gone through.</summary>
    public long PassedBytes => _readBytes - (_end - _start);

    /// <summary>The next operation; its bytes are valid until the next call. False at the end, or where the journal is damaged.</summary>
    public bool TryNext(out Operation operation, out ReadOnlySpan<byte> bytes)
    {
        OperationReadVerdict verdict = Operation.TryRead(_buffer.AsSpan(_start, _end - _start), out operation);
        if (verdict == OperationReadVerdict.Incomplete && ReadOn())
            verdict = Operation.TryRead(_buffer.AsSpan(_start, _end - _start), out operation);
        bytes = default;
        if (verdict != OperationReadVerdict.Complete)
        {
            IsDamaged |= verdict == OperationReadVerdict.Malformed || _end > _start;
            return false;
        }

        bytes = _buffer.AsSpan(_start, (int)operation.Header.Bytes);
        _start += bytes.Length;
        return true;
    }

    private bool ReadOn()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read = journal.Read(_readBytes, _buffer.AsSpan(_end));
        _readBytes += read;
        _end += read;
        return read > 0;
    }
}
