namespace SafeKit.Mirror.Recording;

/// <summary>
/// Who waits for which operation. Not synchronised: the recorder's lock is held by every caller. Those who may go are put into <see cref="Released"/>, to be called when the lock
/// is not held any more.
/// </summary>
internal sealed class AcknowledgementQueue
{
    /// <summary>
    /// A barrier can be on the other node's disk before its caller comes to wait for it, for it syncs its own disk first. So many such are remembered: far more than the
    /// kernel has requests under way.
    /// </summary>
    private const int DurableMax = 1 << 16;

    private readonly PriorityQueue<IAcknowledgementWaiter, ulong> _forReceipt = new();
    private readonly List<(ulong Sequence, IAcknowledgementWaiter Waiter)> _forDisk = [];
    private readonly List<IAcknowledgementWaiter> _held = [];
    private readonly HashSet<ulong> _durable = [];
    private readonly Queue<ulong> _durableInOrder = new();

    /// <summary>Highest sequence that the other node has received.</summary>
    public ulong ReceivedSequence { get; private set; }

    public int Count => _forReceipt.Count + _forDisk.Count + _held.Count;

    public List<IAcknowledgementWaiter> Released { get; } = [];

    /// <returns>False where there is nothing to wait for.</returns>
    public bool AddForReceipt(ulong sequence, IAcknowledgementWaiter waiter)
    {
        if (sequence <= ReceivedSequence)
            return false;
        _forReceipt.Enqueue(waiter, sequence);
        return true;
    }

    /// <summary>Waits for the disk of the other node, for this very operation.</summary>
    /// <returns>False where it is there already.</returns>
    public bool AddForDisk(ulong sequence, IAcknowledgementWaiter waiter)
    {
        if (IsOnDisk(sequence))
            return false;
        _forDisk.Add((sequence, waiter));
        return true;
    }

    /// <summary>Waits until <see cref="ReleaseHeld"/> or <see cref="ReleaseAll"/>, whatever is acknowledged.</summary>
    public void AddHeld(IAcknowledgementWaiter waiter) => _held.Add(waiter);

    public void Received(ulong sequence)
    {
        ReceivedSequence = Math.Max(ReceivedSequence, sequence);
        while (_forReceipt.TryPeek(out IAcknowledgementWaiter? waiter, out ulong wanted) && wanted <= ReceivedSequence)
        {
            Released.Add(waiter);
            _forReceipt.Dequeue();
        }

        ReleaseFromDisk();
    }

    public void Durable(ulong sequence)
    {
        if (!_durable.Add(sequence))
            return;
        _durableInOrder.Enqueue(sequence);
        if (_durableInOrder.Count > DurableMax)
            _durable.Remove(_durableInOrder.Dequeue());
        ReleaseFromDisk();
    }

    /// <summary>Everyone who waits now is held: what acknowledgements say does not cover what they wait for any more.</summary>
    public void HoldAll()
    {
        foreach ((IAcknowledgementWaiter waiter, _) in _forReceipt.UnorderedItems)
            _held.Add(waiter);
        foreach ((_, IAcknowledgementWaiter waiter) in _forDisk)
            _held.Add(waiter);
        _forReceipt.Clear();
        _forDisk.Clear();
    }

    public void ReleaseHeld()
    {
        Released.AddRange(_held);
        _held.Clear();
    }

    public void ReleaseAll()
    {
        HoldAll();
        ReleaseHeld();
    }

    /// <summary>Sequences begin anew, or go on after <paramref name="sequence"/> on a new connection.</summary>
    public void Restart(ulong sequence)
    {
        ReceivedSequence = sequence;
        _durable.Clear();
        _durableInOrder.Clear();
    }

    private void ReleaseFromDisk()
    {
        for (int i = _forDisk.Count - 1; i >= 0; i--)
        {
            if (!IsOnDisk(_forDisk[i].Sequence))
                continue;
            Released.Add(_forDisk[i].Waiter);
            _forDisk.RemoveAt(i);
        }
    }

    private bool IsOnDisk(ulong sequence) => sequence <= ReceivedSequence && _durable.Contains(sequence);
}
