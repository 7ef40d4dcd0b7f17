using SafeKit.Core;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>What the sender takes, and when: at once for a barrier or somebody who waits, else when enough has gathered, or after a moment.</summary>
public sealed partial class ChangeRecorder
{
    private const int FlushBytes = 128 << 10;
    private const long GatherNs = MonotonicClock.NanosecondsPerMillisecond;
    private const double AverageWeight = 0.1;

    private readonly Signal _sender = new();
    private ulong _urgentSequence;
    private long _unsentSinceNs;
    private long _progressNs;
    private ulong _measuredSequence;
    private long _measuredNs;

    /// <summary>From the sending of a barrier to its receipt, moving average.</summary>
    internal double NetworkUs { get; private set; }

    internal double RemoteDiskUs { get; private set; }

    /// <summary>When the other node last applied something, or had nothing to apply.</summary>
    internal long ProgressNs => Interlocked.Read(ref _progressNs);

    /// <summary>The next piece to send; waits for it at most so long. The sender calls <see cref="BatchSent"/> before it asks again.</summary>
    internal bool WaitForBatch(int limitMs, out WindowBatch batch)
    {
        if (TryTakeBatch(out batch, out int waitMs))
            return true;
        _sender.Wait(waitMs == 0 ? limitMs : waitMs);
        return TryTakeBatch(out batch, out _);
    }

    internal void BatchSent(in WindowBatch batch)
    {
        lock (_lock)
            _window.Sent(batch);
    }

    /// <summary>Wakes the sender, so that it sees what has changed around it.</summary>
    internal void WakeSender() => _sender.Set();

    private bool TryTakeBatch(out WindowBatch batch, out int waitMs)
    {
        lock (_lock)
        {
            batch = default;
            waitMs = 0;
            long now = MonotonicClock.NowNs;
            if (_window.HeldBytes == 0)
                Interlocked.Exchange(ref _progressNs, now);
            if (_window.UnsentBytes == 0)
                return false;
            bool isDue = _window.UnsentBytes >= FlushBytes || _urgentSequence > _window.HandedSequence || now - _unsentSinceNs >= GatherNs;
            if (!isDue)
            {
                waitMs = 1;
                return false;
            }

            bool holdsBarrier = _urgentSequence > _window.HandedSequence;
            _window.TryTake(out batch);
            _unsentSinceNs = now;
            if (holdsBarrier && _measuredSequence == 0 && _urgentSequence <= _window.HandedSequence)
                (_measuredSequence, _measuredNs) = (_urgentSequence, now);
            return true;
        }
    }

    private void MeasureNetwork(ulong received)
    {
        if (_measuredSequence == 0 || received < _measuredSequence)
            return;
        NetworkUs = Average(NetworkUs, MonotonicClock.NowNs - _measuredNs);
        _measuredSequence = 0;
    }

    private static double Average(double average, long ns)
    {
        double us = ns / 1000.0;
        return average == 0 ? us : average + ((us - average) * AverageWeight);
    }

    /// <summary>Appends an operation of the connection itself. Without effect, and 0, where operations do not go to the window.</summary>
    internal ulong AppendControl(OperationKind kind, OperationFlags flags, ReadOnlySpan<byte> data)
    {
        var header = OperationHeader.Of(kind, 0, FileId.None);
        header.Flags = flags;
        lock (_lock)
        {
            if (_sink != OperationSink.Window)
                return 0;
            ulong sequence = AppendToWindow(ref header, default, [], [], data, out _);
            _sender.Set();
            return sequence;
        }
    }
}
