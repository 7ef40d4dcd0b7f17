using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// Where a primary waits for the other node. Whoever is not the other node, or says nothing, is shown out: handshakes are few at a time, the
/// oldest gives way to the newest,
/// and none of them touches the connection that is up.
/// </summary>
internal sealed class LeaderListener : IAsyncDisposable
{
    private const int HandshakesMax = 4;
    private static readonly TimeSpan _handshakeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromMilliseconds(500);

    private readonly ReplicatedDataSettings _settings;
    private readonly ReplicationTls _tls;
    private readonly Func<ReplicationStream, Hello, CancellationToken, Task> _welcome;
    private readonly Action<string> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly LinkedList<CancellationTokenSource> _handshakes = new();
    private readonly Task _listening;

    /// <param name="welcome">Takes the stream over. Called for the other node only; several may be under way.</param>
    public LeaderListener(ReplicatedDataSettings settings, Func<ReplicationStream, Hello, CancellationToken, Task> welcome, Action<string> log)
    {
        _settings = settings;
        _welcome = welcome;
        _log = log;
        _tls = new ReplicationTls(settings.ClusterKey, settings.NodeName, settings.PeerName);
        _listening = Task.Run(ListenAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        _tls.Dispose();
        _stop.Dispose();
    }

    /// <summary>Goes on whatever happens: the address may come later than the module, and go meanwhile.</summary>
    private async Task ListenAsync()
    {
        string told = "";
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var listener = new TcpListener(_settings.Own);
                listener.Start();
                told = "";
                await AcceptAsync(listener);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                string reason = $"cannot listen on {_settings.Own}: {e.Message}. The other node cannot connect; it is tried again.";
                if (reason != told)
                    _log(told = reason);
                await Task.Delay(_pauseAfterFailure, CancellationToken.None);
            }
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            Socket socket = await listener.AcceptSocketAsync(_stop.Token);
            _ = Task.Run(() => ShakeHandsAsync(socket));
        }
    }

    private async Task ShakeHandsAsync(Socket socket)
    {
        string place = "";
        using CancellationTokenSource limit = BeginHandshake();
        try
        {
            place = $"{socket.RemoteEndPoint}";
            ReplicationStream stream = await _tls.AcceptAsync(socket, limit.Token);
            Hello hello = await ReceiveAsync(stream, limit.Token);
            EndHandshake(limit);
            await _welcome(stream, hello, _stop.Token);
        }
        catch (Exception e) when (e is SafeKitException or OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            if (!_stop.IsCancellationRequested)
                _log(e is OperationCanceledException ? $"{place}: no handshake in time" : e.Message);
        }
        finally
        {
            EndHandshake(limit);
        }
    }

    private static async Task<Hello> ReceiveAsync(ReplicationStream stream, CancellationToken cancel)
    {
        try
        {
            return await HelloExchange.ReceiveAsync(stream, _handshakeLimit, cancel);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private CancellationTokenSource BeginHandshake()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_handshakeLimit);
        CancellationTokenSource? oldest = null;
        lock (_handshakes)
        {
            _handshakes.AddLast(limit);
            if (_handshakes.Count > HandshakesMax)
            {
                oldest = _handshakes.First!.Value;
                _handshakes.RemoveFirst();
            }
        }

        Cancel(oldest);
        return limit;
    }

    private void EndHandshake(CancellationTokenSource limit)
    {
        lock (_handshakes)
            _handshakes.Remove(limit);
    }

    private static void Cancel(CancellationTokenSource? handshake)
    {
        try
        {
            handshake?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at the same moment.
        }
    }
}
