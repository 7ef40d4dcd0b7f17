using SafeKit.Core;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// What is sent, and when: at once for a barrier or somebody who waits, else when enough has gathered, or after a moment. Whoever waits sends
/// by himself where he can (<see cref="SendNow"/>), the sender's thread does the rest.
/// </summary>
public sealed partial class ChangeRecorder
{
    private const int FlushBytes = 128 << 10;
    private const long GatherNs = MonotonicClock.NanosecondsPerMillisecond;
    private const double AverageWeight = 0.1;

    private const long RestlessNs = 20 * GatherNs;

    private readonly Signal _sender = new();
    private readonly Action _wakeSender;
    private volatile Action _sendNow;
    private bool _senderSleeps;
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

    /// <summary>
    /// Sends what is due, on the thread of one who waits; does not block, and wakes the sender's thread for what it leaves to it. Null: that thread
    /// sends everything.
    /// </summary>
    internal void SetSendNow(Action? sendNow) => _sendNow = sendNow ?? _wakeSender;

    /// <summary>Waits until something may be due, at most so long. The sender's thread.</summary>
    internal void WaitForWork(int limitMs)
    {
        int waitMs = limitMs;
        lock (_lock)
        {
            long now = MonotonicClock.NowNs;
            if (IsDue(now))
                return;

            // While changes come it looks by itself: nobody has to wake it for the first of them.
            _senderSleeps = _window.UnsentBytes == 0 && now - _unsentSinceNs > RestlessNs;
            if (!_senderSleeps)
                waitMs = Math.Min(limitMs, 1);
        }

        _sender.Wait(waitMs);
    }

    /// <summary>The next piece to send, where something is due. One thread at a time, which calls <see cref="BatchSent"/> before it asks again.</summary>
    internal bool TryTakeBatch(out WindowBatch batch)
    {
        lock (_lock)
        {
            batch = default;
            long now = MonotonicClock.NowNs;
            if (_window.HeldBytes == 0)
                Interlocked.Exchange(ref _progressNs, now);
            if (!IsDue(now))
                return false;
            bool holdsBarrier = _urgentSequence > _window.HandedSequence;
            _window.TryTake(out batch);
            _unsentSinceNs = now;
            if (holdsBarrier && _measuredSequence == 0 && _urgentSequence <= _window.HandedSequence)
                (_measuredSequence, _measuredNs) = (_urgentSequence, now);
            return true;
        }
    }

    internal void BatchSent(in WindowBatch batch)
    {
        lock (_lock)
            _window.Sent(batch);
    }

    internal long UnsentBytes
    {
        get
        {
            lock (_lock)
                return _window.UnsentBytes;
        }
    }

    /// <summary>Wakes the sender's thread, so that it sees what has changed around it.</summary>
    internal void WakeSender() => _sender.Set();

    private bool IsDue(long now) => _window.UnsentBytes > 0
        && (_window.UnsentBytes >= FlushBytes || _urgentSequence > _window.HandedSequence || now - _unsentSinceNs >= GatherNs);

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
