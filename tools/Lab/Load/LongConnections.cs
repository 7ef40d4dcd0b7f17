using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>
/// Connections of a client that stay open, each asking again every so often: what users of a long-lived protocol see of
/// a membership change.
/// </summary>
public sealed class LongConnections : IAsyncDisposable
{
    private const int AnswerBytesMax = 1024;

    // A request that lost a packet is repeated by TCP for longer than this test waits: a hanging connection is broken.
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _askInterval = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] _request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: virtual\r\n\r\n");

    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<int, string> _nodes = new();
    private readonly ConcurrentDictionary<int, string> _broken = new();
    private readonly List<Task> _tasks = [];

    private LongConnections()
    {
    }

    /// <summary>Connections that a node answered first.</summary>
    public int CountOf(string node) => _nodes.Values.Count(name => name == node);

    /// <summary>How connections that belong to a node broke; empty when none did.</summary>
    public IReadOnlyList<string> BrokenOf(string node) =>
        _broken.Where(entry => _nodes.GetValueOrDefault(entry.Key) == node).Select(entry => entry.Value).ToList();

    /// <summary>Opens the connections and returns when each has had its first answer.</summary>
    public static async Task<LongConnections> OpenAsync(LabClient client, IPEndPoint target, int count)
    {
        var connections = new LongConnections();
        for (var number = 0; number < count; number++)
        {
            var socket = client.Network.Invoke(() => HttpExchange.CreateSocket(target.AddressFamily, sourcePort: 0));
            connections._tasks.Add(connections.KeepAskingAsync(number, socket, target));
        }

        var deadline = DateTime.UtcNow + _answerLimit;
        while (connections._nodes.Count < count && DateTime.UtcNow < deadline)
            await Task.Delay(10);
        return connections._nodes.Count == count
            ? connections
            : throw new LabException($"only {connections._nodes.Count} of {count} connections got an answer");
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_tasks);
        _ending.Dispose();
    }

    private async Task KeepAskingAsync(int number, Socket socket, IPEndPoint target)
    {
        using var owned = socket;
        var buffer = new byte[AnswerBytesMax];
        try
        {
            await socket.ConnectAsync(target, _ending.Token);
            while (true)
            {
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
            _broken[number] = e is OperationCanceledException ? "no answer" : e.Message;
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
