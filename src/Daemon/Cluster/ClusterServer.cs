using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using SafeKit.Core;
using SafeKit.Daemon.Logging;

namespace SafeKit.Daemon.Cluster;

/// <summary>Answers the questions of the other nodes' daemons on the cluster's port (TCP), one per connection.</summary>
public sealed class ClusterServer : IAsyncDisposable
{
    private const int ConnectionsMax = 16;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);
    private readonly byte[] _key;
    private readonly Func<ClusterQuestion, ClusterAnswer> _answer;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(ConnectionsMax);
    private readonly List<Task> _listeners = [];

    public ClusterServer(byte[] key, Func<ClusterQuestion, ClusterAnswer> answer, ILogger logger)
    {
        _key = key;
        _answer = answer;
        _logger = logger;
    }

    /// <exception cref="SafeKitException">The address is not this machine's, or the port is in use.</exception>
    public void Listen(IPEndPoint own)
    {
        var socket = new Socket(own.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(own);
            socket.Listen(ConnectionsMax);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SafeKitException(
                $"the cluster port cannot be opened on {own} ({e.Message}); "
                    + "check this node's address in cluster.xml (ip addr) and that no other program uses the port (ss -ltnp)",
                e);
        }

        _listeners.Add(AcceptAsync(socket));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_listeners);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        using (listener)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    await _slots.WaitAsync(_stop.Token);
                    var connection = await listener.AcceptAsync(_stop.Token);
                    _ = ServeAsync(connection);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                catch (SocketException e)
                {
                    _slots.Release();
                    LogMessages.ClusterChannel(_logger, $"accept failed: {e.Message}");
                }
            }
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        var remote = connection.RemoteEndPoint;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(_patience);
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            var sealedStream = await SealedStream.OpenAsync(stream, _key, asks: false, patience.Token);
            var question = JsonSerializer.Deserialize(
                await sealedStream.ReceiveQuestionAsync(patience.Token), ClusterJson.Default.ClusterQuestion);
            var answer = _answer(question ?? new ClusterQuestion(null));
            await sealedStream.SendAnswerAsync(
                JsonSerializer.SerializeToUtf8Bytes(answer, ClusterJson.Default.ClusterAnswer), patience.Token);
        }
        catch (AuthenticationTagMismatchException)
        {
            LogMessages.ClusterChannel(_logger, $"{remote} has another cluster key; copy cluster.key from a node that works");
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or JsonException
            or InvalidDataException or SafeKitException)
        {
            LogMessages.ClusterChannel(_logger, $"a question from {remote} could not be answered: {e.Message}");
        }
        finally
        {
            _slots.Release();
        }
    }
}
