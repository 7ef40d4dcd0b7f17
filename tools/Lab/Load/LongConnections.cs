using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SafeKit.Core;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>
/// Connections of a client that stay open, each asking again every so often: what users of a long-lived protocol see of
/// a membership change.
/// </summary>
public sealed class LongConnections : IAsyncDisposable
{
    private const int AnswerBytesMax = 1024;
    private const int FirstPort = 12_000;
    private const int PortCount = 20_000;

    // A request that lost a packet is repeated by TCP for longer than this test waits: a hanging connection is broken.
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _askIntervalDefault = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] _request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: virtual\r\n\r\n");

    private static int _ports;

    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<int, string> _nodes = new();
    private readonly ConcurrentDictionary<int, BrokenConnection> _broken = new();
    private readonly LabClient _client;
    private readonly IPEndPoint _target;
    private readonly TimeSpan _askInterval;
    private readonly List<Task> _tasks = [];

    private LongConnections(LabClient client, IPEndPoint target, TimeSpan askInterval)
    {
        _client = client;
        _target = target;
        _askInterval = askInterval;
    }

    /// <summary>Those that broke and were not opened again since.</summary>
    public IReadOnlyList<BrokenConnection> Broken => [.. _broken.Values];

    /// <summary>Connections that a node answered first.</summary>
    public int CountOf(string node) => _nodes.Values.Count(name => name == node);

    /// <summary>How connections that belong to a node broke; empty when none did.</summary>
    public IReadOnlyList<string> BrokenOf(string node) =>
        _broken.Values.Where(broken => broken.Node == node).Select(broken => broken.Text).ToList();

    /// <summary>Opens the connections and returns when each has had its first answer.</summary>
    public static async Task<LongConnections> OpenAsync(LabClient client, IPEndPoint target, int count, TimeSpan? askInterval = null)
    {
        var connections = new LongConnections(client, target, askInterval ?? _askIntervalDefault);
        for (var number = 0; number < count; number++)
            connections.Open(number);
        await connections.WaitForAnswersAsync(count);
        return connections;
    }

    /// <summary>Opens a new connection in the place of each that broke, and waits for their first answers.</summary>
    public async Task MendAsync()
    {
        var count = _nodes.Count + _broken.Keys.Count(number => !_nodes.ContainsKey(number));
        foreach (var number in _broken.Keys)
        {
            _nodes.TryRemove(number, out _);
            _broken.TryRemove(number, out _);
            Open(number);
        }

        await WaitForAnswersAsync(count);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_tasks);
        _ending.Dispose();
    }

    private void Open(int number)
    {
        var socket = _client.Network.Invoke(() => HttpExchange.CreateSocket(_target.AddressFamily, NextPort()));

        // It ends like any client's connection.
        socket.LingerState = new LingerOption(enable: false, seconds: 0);
        _tasks.Add(KeepAskingAsync(number, socket, _target));
    }

    /// <summary>
    /// No port comes twice within a minute: the TIME_WAIT of a connection that another node closed would answer for the new one (docs/farm.md,
    /// limits). Below what the kernel gives to others.
    /// </summary>
    private static int NextPort() => FirstPort + (Interlocked.Increment(ref _ports) % PortCount);

    private async Task WaitForAnswersAsync(int count)
    {
        var deadline = DateTime.UtcNow + _answerLimit;
        while (_nodes.Count < count && DateTime.UtcNow < deadline)
            await Task.Delay(10);
        if (_nodes.Count < count)
            throw new LabException($"only {_nodes.Count} of {count} connections got an answer");
    }

    private async Task KeepAskingAsync(int number, Socket socket, IPEndPoint target)
    {
        using var owned = socket;
        var buffer = new byte[AnswerBytesMax];
        var askedNs = MonotonicClock.NowNs;
        try
        {
            await socket.ConnectAsync(target, _ending.Token);
            while (true)
            {
                askedNs = MonotonicClock.NowNs;
                var node = await AskAsync(socket, buffer);
                if (_nodes.GetOrAdd(number, node) != node)
                    throw new IOException($"an answer came from {node}");
                await Task.Delay(_askInterval, _ending.Token);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The end of the test, not of the connection.
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            var hung = e is OperationCanceledException;
            var node = _nodes.GetValueOrDefault(number, "");
            _broken[number] = new BrokenConnection(
                $"{socket.LocalEndPoint}", node, hung ? "no answer" : e.Message, hung, askedNs, MonotonicClock.NowNs);
        }
    }

    private async Task<string> AskAsync(Socket socket, byte[] buffer)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(_answerLimit);
        await socket.SendAsync(_request, limit.Token);
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            if (received == 0)
                throw new IOException("closed by the node");
            length += received;
            // The body ends with a line feed, and nothing before it in the answer is a name alone on its line.
            if (buffer[length - 1] == '\n' && HttpExchange.ParseNode(buffer.AsSpan(0, length)) is { Length: > 0 } node)
                return node;
        }
    }
}
