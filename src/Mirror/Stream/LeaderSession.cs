using SafeKit.Core;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// One connection with the other node, as the primary sees it: a thread that sends, a thread that reads the answers. Whatever ends it, both
/// stop, then the owner hears of it, once.
/// </summary>
internal sealed class LeaderSession
{
    private const int LookMs = 100;
    private const long PingNs = 500 * MonotonicClock.NanosecondsPerMillisecond;

    private readonly ReplicationStream _stream;
    private readonly ReplicatedDataSettings _settings;
    private readonly ChangeRecorder _recorder;
    private readonly Action<LeaderSession, AnswerHeader, string> _handle;
    private readonly Action<LeaderSession> _end;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private Thread? _sender;
    private Thread? _reintegration;
    private string? _reason;
    private long _heardNs;
    private long _sentNs;

    /// <param name="handle">An answer, on the reader's thread.</param>
    /// <param name="end">The connection is closed and its threads have stopped, also that of a reintegration.</param>
    public LeaderSession(
        ReplicationStream stream,
        ReplicatedDataSettings settings,
        ChangeRecorder recorder,
        Action<LeaderSession, AnswerHeader, string> handle,
        Action<LeaderSession> end)
    {
        _stream = stream;
        _stream.LimitWrites(settings.SilenceLimit);
        _settings = settings;
        _recorder = recorder;
        _handle = handle;
        _end = end;
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
                if (_recorder.WaitForBatch(LookMs, out WindowBatch batch))
                {
                    _stream.Send(batch.Bytes);
                    _recorder.BatchSent(batch);
                    _sentNs = MonotonicClock.NowNs;
                }

                LookAfterPeer();
            }
        }
        catch (Exception e)
        {
            Abort($"nothing can be sent to {_settings.PeerName}: {e.Message}");
        }
    }

    private void LookAfterPeer()
    {
        long now = MonotonicClock.NowNs;
        if (now - _sentNs > PingNs)
        {
            _sentNs = now;
            _recorder.AppendControl(OperationKind.Ping, OperationFlags.None, []);
        }

        if (now - Interlocked.Read(ref _heardNs) > Ns(_settings.SilenceLimit))
            Abort($"{_settings.PeerName} has not answered for {_settings.SilenceLimit.TotalSeconds:0.#} s");
        else if (now - _recorder.ProgressNs > Ns(_settings.StallLimit))
            Abort($"{_settings.PeerName} has applied nothing for {_settings.StallLimit.TotalSeconds:0.#} s");
    }

    private static long Ns(TimeSpan time) => (long)(time.TotalMilliseconds * MonotonicClock.NanosecondsPerMillisecond);
}
