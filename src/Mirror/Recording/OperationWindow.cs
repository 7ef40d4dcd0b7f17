using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// The operations that are sent or to be sent, and not yet applied by the other node, in order, in a chain of native segments. Not synchronised: the recorder's lock is held
/// by every caller; only the bytes of a <see cref="WindowBatch"/> may be read without it.
/// </summary>
internal sealed class OperationWindow : IDisposable
{
    private const int SparesMax = 8;

    private readonly Stack<WindowSegment> _spares = new(SparesMax);
    private WindowSegment _head;
    private WindowSegment _tail;
    private WindowSegment _unsent;

    public OperationWindow() => _head = _tail = _unsent = new WindowSegment();

    /// <summary>Bytes of operations not yet applied by the other node.</summary>
    public long HeldBytes { get; private set; }

    public long UnsentBytes { get; private set; }

    /// <summary>The newest operation.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>The newest operation that the sender has taken; no acknowledgement can be beyond it.</summary>
    public ulong HandedSequence { get; private set; }

    /// <summary>The newest operation that the sender no longer reads.</summary>
    public ulong SentSequence { get; private set; }

    public ulong AppliedSequence { get; private set; }

    /// <summary>Empties it; the next operation is the one after <paramref name="sequence"/>. The sender must not be at work.</summary>
    public void Restart(ulong sequence)
    {
        for (WindowSegment segment = _head; segment != _tail;)
        {
            WindowSegment next = segment.Next!;
            Recycle(segment);
            segment = next;
        }

        _tail.Clear();
        _head = _unsent = _tail;
        HeldBytes = UnsentBytes = 0;
        LastSequence = HandedSequence = SentSequence = AppliedSequence = sequence;
    }

    /// <summary>Room for an operation of this length, to be filled and then given to <see cref="Commit"/>.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_tail.Free.Length < bytes)
        {
            if (!_spares.TryPop(out WindowSegment? next))
                next = new WindowSegment();
            _tail.Next = next;
            _tail = next;
        }

        return _tail.Free;
    }

    /// <summary>
    /// Keeps the handle of a file together with the operation for which room was reserved last. The newest counts: a number may have come back with another file.
    /// </summary>
    public void Keep(byte tree, ulong file, in FileHandle handle) => _tail.Handles[(tree, file)] = handle;

    public void Commit(int bytes, ulong sequence)
    {
        Invariant.That(sequence == LastSequence + 1, "operations in the window have consecutive numbers");
        _tail.UsedBytes += bytes;
        _tail.LastSequence = sequence;
        LastSequence = sequence;
        HeldBytes += bytes;
        UnsentBytes += bytes;
    }

    /// <summary>Everything of the oldest segment that has something to send.</summary>
    public bool TryTake(out WindowBatch batch)
    {
        while (_unsent.HandedBytes == _unsent.UsedBytes && _unsent.Next is not null)
            _unsent = _unsent.Next;
        batch = new WindowBatch(_unsent, _unsent.HandedBytes, _unsent.UsedBytes, _unsent.LastSequence);
        if (batch.Start == batch.End)
            return false;
        _unsent.HandedBytes = batch.End;
        UnsentBytes -= batch.End - batch.Start;
        HandedSequence = batch.LastSequence;
        return true;
    }

    public void Sent(in WindowBatch batch)
    {
        SentSequence = batch.LastSequence;
        Reclaim();
    }

    /// <summary>The other node has applied everything up to here.</summary>
    public void Applied(ulong sequence)
    {
        AppliedSequence = sequence;
        Reclaim();
    }

    /// <summary>Shows every operation that the other node has not applied, in order, and the segment that it is in.</summary>
    public void ForEachHeld(Action<ReadOnlySpan<byte>, WindowSegment> show)
    {
        for (WindowSegment? segment = _head; segment is not null; segment = segment.Next)
        {
            for (int start = segment.AppliedBytes; start < segment.UsedBytes;)
            {
                int bytes = MemoryMarshal.Read<int>(segment.Bytes(start, segment.UsedBytes));
                show(segment.Bytes(start, start + bytes), segment);
                start += bytes;
            }
        }
    }

    public void Dispose()
    {
        for (WindowSegment? segment = _head; segment is not null; segment = segment.Next)
            segment.Dispose();
        while (_spares.TryPop(out WindowSegment? spare))
            spare.Dispose();
    }

    private void Reclaim()
    {
        while (true)
        {
            PassApplied(_head);
            bool isDone = _head.AppliedBytes == _head.UsedBytes && _head.LastSequence <= SentSequence;
            if (!isDone)
                return;
            if (_head == _tail)
            {
                ReuseTail();
                return;
            }

            WindowSegment done = _head;
            _head = done.Next!;
            if (_unsent == done)
                _unsent = _head;
            Recycle(done);
        }
    }

    private void PassApplied(WindowSegment segment)
    {
        while (segment.AppliedBytes < segment.UsedBytes)
        {
            OperationHeader header = MemoryMarshal.Read<OperationHeader>(segment.Bytes(segment.AppliedBytes, segment.UsedBytes));
            if (header.Sequence > AppliedSequence)
                return;
            segment.AppliedBytes += (int)header.Bytes;
            HeldBytes -= header.Bytes;
        }
    }

    private void ReuseTail()
    {
        _tail.UsedBytes = 0;
        _tail.HandedBytes = 0;
        _tail.AppliedBytes = 0;
        _tail.Handles.Clear();
    }

    private void Recycle(WindowSegment segment)
    {
        segment.Clear();
        if (_spares.Count < SparesMax)
            _spares.Push(segment);
        else
            segment.Dispose();
    }
}
