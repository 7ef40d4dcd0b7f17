using SafeKit.Core;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Stream;

/// <summary>Reads operations off a connection, checks them, and hands them on. One thread.</summary>
internal sealed class OperationReceiver(System.IO.Stream stream, ReceiveQueue queue, ulong firstSequence)
{
    /// <summary>TLS gives at most one record at a time.</summary>
    private const int RecordBytes = 16 << 10;

    private byte[]? _block;
    private int _published;
    private int _start;
    private int _end;

    /// <summary>Last operation received whole.</summary>
    public ulong Received { get; private set; } = firstSequence - 1;

    /// <summary>Whether what came last has something that the primary waits for at once.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>The primary has said that nothing follows.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>
    /// Reads once. False at the end of the connection, or where nothing is wanted any more. What came is handed on by <see cref="Publish"/>, which
    /// may come after its acknowledgement: it is in this process's memory.
    /// </summary>
    /// <param name="bytes">Bytes of whole operations that came.</param>
    /// <exception cref="SafeKitException">What came is no operation, or not the next one.</exception>
    public bool Receive(out int bytes)
    {
        bytes = 0;
        if (!MakeRoom())
            return false;
        int read = stream.Read(_block!, _end, _block!.Length - _end);
        if (read == 0)
            return false;
        _end += read;
        _published = _start;
        IsUrgent = false;
        while (!HasLeft && Next())
        {
        }

        bytes = _start - _published;
        return true;
    }

    /// <summary>Hands on what the last read has brought.</summary>
    public void Publish()
    {
        if (_start > _published)
            queue.Publish(new ReceivedSlice(_block!, _published, _start, false));
        _published = _start;
    }

    /// <summary>Gives the block back, behind what is still to be applied of it.</summary>
    public void End()
    {
        if (_block is not null)
            queue.Publish(new ReceivedSlice(_block, _start, _start, true));
        _block = null;
        queue.End();
    }

    private bool MakeRoom()
    {
        if (_block is not null && _block.Length - _end >= RecordBytes)
            return true;
        byte[]? next = queue.TakeBlock();
        if (next is null)
            return false;
        if (_block is not null)
        {
            // What has begun of an operation moves along, so that every operation lies in one piece.
            _block.AsSpan(_start, _end - _start).CopyTo(next);
            queue.Publish(new ReceivedSlice(_block, _start, _start, true));
        }

        (_block, _start, _end) = (next, 0, _end - _start);
        return true;
    }

    private bool Next()
    {
        switch (Operation.TryRead(_block.AsSpan(_start, _end - _start), out Operation operation))
        {
            case OperationReadVerdict.Incomplete:
                return false;
            case OperationReadVerdict.Malformed:
                throw new SafeKitException($"operation {Received + 1} arrived damaged");
        }

        if (operation.Header.Sequence != Received + 1)
            throw new SafeKitException($"operation {operation.Header.Sequence} arrived after {Received}");
        Received++;
        _start += (int)operation.Header.Bytes;
        HasLeft = operation.Header.Kind == OperationKind.Leave;
        IsUrgent |= operation.Header.Kind
            is OperationKind.Sync or OperationKind.SyncTree or OperationKind.Ping or OperationKind.Leave or OperationKind.ReintegrationEnd;
        return true;
    }
}
