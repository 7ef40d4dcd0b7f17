using System.Buffers;
using SafeKit.Core;

namespace SafeKit.Mirror.Recording;

/// <summary>Who waits for the other node, and what it has acknowledged.</summary>
public sealed partial class ChangeRecorder
{
    /// <summary>
    /// Whoever waits for an operation up to this one is held until the other node is up to date: what it waits for may have been a marked range,
    /// whose content comes with a
    /// higher number.
    /// </summary>
    private ulong _heldUpTo;

    public void WhenAcknowledged(ulong sequence, Acknowledgement level, IAcknowledgementWaiter waiter)
    {
        bool waits;
        bool wakes;
        lock (_lock)
        {
            waits = Wait(sequence, level, waiter);
            wakes = waits && sequence > _window.HandedSequence;
            _urgentSequence = wakes ? Math.Max(_urgentSequence, sequence) : _urgentSequence;
        }

        if (wakes)
            _sendNow();
        if (!waits)
            waiter.Acknowledged();
    }

    /// <summary>What the other node says of its progress; cumulative.</summary>
    /// <exception cref="SafeKitException">It acknowledges what was never sent.</exception>
    internal void Acknowledge(ulong received, ulong applied)
    {
        long resumed;
        lock (_lock)
        {
            // It receives and applies on different threads: what it says of the one may be older than what it says of the other.
            received = Math.Max(received, applied);
            if (received > _window.HandedSequence)
                throw new SafeKitException($"the secondary acknowledges operation {received}, which was never sent; both nodes must run the same version");
            if (applied > _window.AppliedSequence)
            {
                _window.Applied(applied);
                _progressNs = MonotonicClock.NowNs;
            }

            _waiters.Received(received);
            MeasureNetwork(received);
            resumed = MakeRoom();
        }

        CallReleased();
        Resume(resumed);
        TellRoom();
    }

    internal void AcknowledgeDurable(ulong sequence, long diskNs)
    {
        lock (_lock)
        {
            if (sequence > _window.HandedSequence)
                throw new SafeKitException($"the secondary has operation {sequence} on its disk, which was never sent; both nodes must run the same version");
            _waiters.Durable(sequence);
            RemoteDiskUs = Average(RemoteDiskUs, diskNs);
        }

        CallReleased();
    }

    /// <returns>False where there is nothing to wait for.</returns>
    private bool Wait(ulong sequence, Acknowledgement level, IAcknowledgementWaiter waiter)
    {
        if (_waitRule == WaitRule.Nothing)
            return false;
        if (_waitRule == WaitRule.Decision || sequence <= _heldUpTo)
        {
            _waiters.AddHeld(waiter);
            return true;
        }

        return level == Acknowledgement.Barrier && _settings.BarrierWaitsForDisk
            ? _waiters.AddForDisk(sequence, waiter)
            : _waiters.AddForReceipt(sequence, waiter);
    }

    /// <returns>How many parked requests there is room for.</returns>
    private long MakeRoom()
    {
        long room = _settings.WindowBytes - _window.HeldBytes;
        if (room < 0)
            return 0;
        Interlocked.And(ref _hindrance, ~(int)Hindrance.WindowFull);

        // The last of the window is always followed by everybody: nothing else would come to resume them.
        return _window.HeldBytes == 0 ? int.MaxValue : 1 + (room / BytesPerResumed);
    }

    private void CallReleased()
    {
        IAcknowledgementWaiter[] released;
        int count;
        lock (_lock)
        {
            count = _waiters.Released.Count;
            if (count == 0)
                return;
            released = ArrayPool<IAcknowledgementWaiter>.Shared.Rent(count);
            _waiters.Released.CopyTo(released);
            _waiters.Released.Clear();
        }

        for (int i = 0; i < count; i++)
            released[i].Acknowledged();
        ArrayPool<IAcknowledgementWaiter>.Shared.Return(released, clearArray: true);
    }
}
