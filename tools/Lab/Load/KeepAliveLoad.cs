using System.Net.Sockets;
using System.Text;
using SafeKit.Core;
using SafeKit.Lab.Native;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>
/// Many requests per second of a client over connections that stay open: one thread, one poll(2) for all of them, nothing allocated per request.
/// A connection that breaks or stays without an answer is a failed request, and is opened anew.
/// </summary>
public sealed class KeepAliveLoad : IAsyncDisposable
{
    private const int AnswerBytesMax = 1024;

    /// <summary>TCP repeats a lost packet for longer than this: who hangs so long is broken.</summary>
    private static readonly long _answerLimitNs = MonotonicClock.FromMs(8_000);
    private static readonly long _lookIntervalNs = MonotonicClock.FromMs(500);
    private static readonly byte[] _request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: virtual\r\n\r\n");

    private readonly Socket[] _sockets;
    private readonly long[] _askedNs;
    private readonly Queue<int> _idle = new();
    private readonly Dictionary<string, long> _errors = [];
    private readonly byte[] _buffer = new byte[AnswerBytesMax];
    private readonly LatencyHistogram _latencies = new();
    private readonly Lock _lock = new();
    private readonly int _perSecond;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ending;
    private long _sent;
    private long _answers;

    private KeepAliveLoad(LabClient client, int connections, int perSecond)
    {
        _sockets = new Socket[connections];
        _askedNs = new long[connections];
        _perSecond = perSecond;
        _thread = client.Network.StartThread($"keepalive-{client.Name}", Run);
    }

    /// <summary>Opens the connections and begins to ask.</summary>
    public static async Task<KeepAliveLoad> StartAsync(LabClient client, int connections, int perSecond)
    {
        var load = new KeepAliveLoad(client, connections, perSecond);
        await load._opened.Task;
        return load;
    }

    public LoadSnapshot Snapshot()
    {
        lock (_lock)
        {
            var answers = new Dictionary<string, long> { [LabAddresses.Virtual4.ToString()] = _answers };
            return new LoadSnapshot(MonotonicClock.NowNs, _sent, answers, new Dictionary<string, long>(_errors), _latencies.Copy());
        }
    }

    /// <summary>Ends asking once every request under way has its answer or has failed.</summary>
    public ValueTask DisposeAsync()
    {
        _ending = true;
        _thread.Join();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        try
        {
            for (var i = 0; i < _sockets.Length; i++)
                Open(i);
            _opened.SetResult();
        }
        catch (SocketException e)
        {
            _opened.SetException(new LabException($"connection {_idle.Count + 1} was refused: {e.Message}"));
            return;
        }

        var startNs = MonotonicClock.NowNs;
        var lookNs = startNs;
        var paced = 0L;
        while (!_ending || _idle.Count < _sockets.Length)
        {
            var nowNs = MonotonicClock.NowNs;
            // What could not be sent in time is not made up for: a gap must not be followed by a burst.
            var due = (nowNs - startNs) * _perSecond / 1_000_000_000;
            for (paced = Math.Max(paced, due - _sockets.Length); paced < due && !_ending && _idle.TryDequeue(out var i); paced++)
                Ask(i, nowNs);
            TakeAnswers();
            if (nowNs - lookNs < _lookIntervalNs)
                continue;
            lookNs = nowNs;
            GiveUpSilent(nowNs);
        }

        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private void Open(int i)
    {
        var socket = HttpExchange.CreateSocket(AddressFamily.InterNetwork, sourcePort: 0);
        socket.Connect(LabAddresses.Web4);
        socket.Blocking = false;
        (_sockets[i], _askedNs[i]) = (socket, 0);
        _idle.Enqueue(i);
    }

    private void Ask(int i, long nowNs)
    {
        _askedNs[i] = nowNs;
        lock (_lock)
            _sent++;
        _sockets[i].Send(_request, SocketFlags.None, out var error);
        if (error != SocketError.Success)
            Fail(i, $"send-{error}");
    }

    private unsafe void TakeAnswers()
    {
        var descriptors = stackalloc PollDescriptor[_sockets.Length];
        for (var i = 0; i < _sockets.Length; i++)
            descriptors[i] = new PollDescriptor { Descriptor = (int)_sockets[i].Handle, Events = PollDescriptor.Readable };
        if (Libc.poll(descriptors, (nuint)_sockets.Length, 1) <= 0)
            return;
        for (var i = 0; i < _sockets.Length; i++)
        {
            if (descriptors[i].Returned != 0)
                TakeAnswer(i);
        }
    }

    private void TakeAnswer(int i)
    {
        var received = _sockets[i].Receive(_buffer, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success || received == 0)
        {
            Fail(i, error == SocketError.Success ? "closed" : error.ToString());
            return;
        }

        // The answer is smaller than a segment: it comes whole.
        if (HttpExchange.IsWholeAnswer(_buffer.AsSpan(0, received)))
        {
            lock (_lock)
            {
                _answers++;
                _latencies.Add(MonotonicClock.ToMs(MonotonicClock.NowNs - _askedNs[i]));
            }

            _askedNs[i] = 0;
            _idle.Enqueue(i);
            return;
        }

        Fail(i, "bad-answer");
    }

    private void GiveUpSilent(long nowNs)
    {
        for (var i = 0; i < _sockets.Length; i++)
        {
            if (_askedNs[i] != 0 && nowNs - _askedNs[i] > _answerLimitNs)
                Fail(i, "no-answer");
        }
    }

    private void Fail(int i, string kind)
    {
        lock (_lock)
            _errors[kind] = _errors.GetValueOrDefault(kind) + 1;
        _sockets[i].Dispose();
        try
        {
            if (_askedNs[i] != 0)
                Open(i);
        }
        catch (SocketException e)
        {
            lock (_lock)
                _errors[$"connect-{e.SocketErrorCode}"] = _errors.GetValueOrDefault($"connect-{e.SocketErrorCode}") + 1;
            _ending = true;
        }
    }
}
