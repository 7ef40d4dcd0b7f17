using SafeKit.Core;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// One connection with the other node, as the primary sees it: a thread that sends what nobody waits for and what is too much, a thread that reads
/// the answers. Whoever waits for something small sends it on his own thread: that is one thread less to wake. Whatever ends the connection, all of
/// them stop, then the owner hears of it, once.
/// </summary>
internal sealed class LeaderSession
{
    private const int LookMs = 100;

    /// <summary>More than this is left to the sender's thread: whoever waits must not also wait for the network's buffer.</summary>
    private const int SentByWaiterBytes = 32 << 10;
    private const long PingNs = 500 * MonotonicClock.NanosecondsPerMillisecond;

    private readonly ReplicationStream _stream;
    private readonly ReplicatedDataSettings _settings;
    private readonly ChangeRecorder _recorder;
    private readonly Action<LeaderSession, AnswerHeader, string> _handle;
    private readonly Action<LeaderSession> _end;
    private readonly Action _lookAfterCheckpoint;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Lock _sending = new();
    private Thread? _sender;
    private Thread? _reintegration;
    private string? _reason;
    private volatile string? _failure;
    private long _heardNs;
    private long _sentNs;

    /// <param name="handle">An answer, on the reader's thread.</param>
    /// <param name="end">The connection is closed and its threads have stopped, also that of a reintegration.</param>
    /// <param name="lookAfterCheckpoint">Called often, on the sender's thread.</param>
    public LeaderSession(
        ReplicationStream stream,
        ReplicatedDataSettings settings,
        ChangeRecorder recorder,
        Action<LeaderSession, AnswerHeader, string> handle,
        Action<LeaderSession> end,
        Action lookAfterCheckpoint)
    {
        _stream = stream;
        _stream.LimitWrites(settings.SilenceLimit);
        _settings = settings;
        _recorder = recorder;
        _handle = handle;
        _end = end;
        _lookAfterCheckpoint = lookAfterCheckpoint;
    }

    public CancellationToken Cancel => _cancel.Token;

    public Task Ended => _ended.Task;

    /// <summary>Why the connection has ended, or is ending; null: it is up.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>The other node has said goodbye.</summary>
    public bool IsOrderly { get; set; }

    /// <param name="reintegrate">Runs on a thread of its own; ends when <see cref="Cancel"/> says so.</param>
    public void Start(Action reintegrate)
    {
        _heardNs = _sentNs = MonotonicClock.NowNs;
        _reintegration = new Thread(() => reintegrate()) { IsBackground = true, Name = "reintegration" };
        _sender = new Thread(Send) { IsBackground = true, Name = "replication send" };
        _recorder.SetSendNow(SendNow);
        _reintegration.Start();
        _sender.Start();
        new Thread(Read) { IsBackground = true, Name = "replication answers" }.Start();
    }

    /// <summary>Ends the connection; the first reason counts. Returns at once.</summary>
    public void Abort(string reason)
    {
        lock (_lock)
        {
            if (_reason is not null)
                return;
            Volatile.Write(ref _reason, reason);
        }

        _cancel.Cancel();
        _recorder.WakeSender();
        _stream.Dispose();
    }

    private void Read()
    {
        try
        {
            var reader = new AnswerReader(_stream);
            while (!IsOrderly && reader.Read(out AnswerHeader header, out string text))
            {
                Interlocked.Exchange(ref _heardNs, MonotonicClock.NowNs);
                _handle(this, header, text);
            }

            Abort(IsOrderly ? $"{_settings.PeerName} has left" : $"{_settings.PeerName} has closed the connection");
        }
        catch (Exception e)
        {
            Abort(e.Message);
        }

        _sender!.Join();
        _reintegration!.Join();
        EndSendingByWaiters();
        try
        {
            _end(this);
            _ended.SetResult();
        }
        catch (Exception e)
        {
            // Whoever waits for the end hears of it; the process goes on serving.
            _ended.SetException(e);
        }
    }

    private void Send()
    {
        try
        {
            while (Reason is null)
            {
                _recorder.WaitForWork(LookMs);
                lock (_sending)
                    SendDue();
                LookAfterPeer();
                _lookAfterCheckpoint();
            }
        }
        catch (Exception e)
        {
            Abort($"nothing can be sent to {_settings.PeerName}: {_failure ?? e.Message}");
        }
    }

    /// <summary>
    /// On the thread of one who waits for what was appended last: one small piece. What others append meanwhile, or what is larger, must not keep
    /// him: he may hold up everybody behind the change gate.
    /// </summary>
    private void SendNow()
    {
        bool isLeft = true;
        if (_sending.TryEnter())
        {
            try
            {
                if (_failure is null && _stream.HasRoom)
                {
                    TrySendOne(SentByWaiterBytes);
                    isLeft = _recorder.IsAnythingDue;
                }
            }
            catch (Exception e)
            {
                // The sender's thread meets it too, and ends the connection.
                _failure = e.Message;
            }
            finally
            {
                _sending.Exit();
            }
        }

        if (isLeft)
            _recorder.WakeSender();
    }

    private void SendDue()
    {
        if (_failure is not null)
            throw new IOException(_failure);
        while (Reason is null && TrySendOne(long.MaxValue))
        {
        }
    }

    private bool TrySendOne(long unsentBytesMax)
    {
        if (!_recorder.TryTakeBatch(out WindowBatch batch, unsentBytesMax))
            return false;
        _stream.Send(batch.Bytes);
        _recorder.BatchSent(batch);
        Interlocked.Exchange(ref _sentNs, MonotonicClock.NowNs);
        return true;
    }

    /// <summary>Nobody who waits is in the middle of sending when this returns, nor begins to.</summary>
    private void EndSendingByWaiters()
    {
        _recorder.SetSendNow(null);
        lock (_sending)
            _failure ??= Reason;
    }

    private void LookAfterPeer()
    {
        long now = MonotonicClock.NowNs;
        if (now - Interlocked.Read(ref _sentNs) > PingNs)
        {
            Interlocked.Exchange(ref _sentNs, now);
            _recorder.AppendControl(OperationKind.Ping, OperationFlags.None, []);
        }

        if (now - Interlocked.Read(ref _heardNs) > Ns(_settings.SilenceLimit))
            Abort($"{_settings.PeerName} has not answered for {_settings.SilenceLimit.TotalSeconds:0.#} s");
        else if (now - _recorder.ProgressNs > Ns(_settings.StallLimit))
            Abort($"{_settings.PeerName} has applied nothing for {_settings.StallLimit.TotalSeconds:0.#} s");
    }

    private static long Ns(TimeSpan time) => (long)(time.TotalMilliseconds * MonotonicClock.NanosecondsPerMillisecond);
}
