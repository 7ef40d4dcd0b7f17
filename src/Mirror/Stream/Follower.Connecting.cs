using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Stream;

/// <summary>The thread that connects, and reads while connected. Everything that changes what outlives a connection happens on it.</summary>
public sealed partial class Follower
{
    private const string Origin = "replication";

    private readonly RetryPause _connecting = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
    private readonly RetryPause _applying = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
    private bool _lossIsTold;
    private string _lastRefusal = "";

    private void Run()
    {
        do
        {
            while (_order == FollowerOrder.None)
                Pause(Attempt());
        }
        while (!FinishOrder());
    }

    /// <summary>One connection, from the attempt to its end.</summary>
    /// <returns>How long to wait before the next; null: until an order comes.</returns>
    private TimeSpan? Attempt()
    {
        Socket? socket = null;
        try
        {
            if (_state.TakeLateFailure())
                _state.ForgetMap();
            socket = Connect();
            ReplicationStream stream = _tls.ConnectAsync(socket, _ordered.Token).GetAwaiter().GetResult();
            Hello hello = MakeHello();
            HelloAnswer answer = HelloExchange.AskAsync(stream, hello, _settings.SilenceLimit, _ordered.Token).GetAwaiter().GetResult();
            return answer.Accepted ? Follow(socket, stream, hello, answer) : BeRefused(stream, answer);
        }
        catch (OperationCanceledException)
        {
            socket?.Dispose();
            return TimeSpan.Zero;
        }
        catch (Exception e) when (e is SafeKitException or SocketException or IOException)
        {
            socket?.Dispose();
            TellLoss(e.Message, orderly: false);
            return _connecting.Next();
        }
        catch (ReplayException e)
        {
            // The disk refused to bring what was applied to safety.
            ForgetAndRecord(isHalf: true);
            TellLoss(e.Message, orderly: false);
            return _applying.Next();
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(_settings.Peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(_ordered.Token);
        limited.CancelAfter(_settings.SilenceLimit);
        try
        {
            // Not asynchronously: see ReplicationWire.
            using CancellationTokenRegistration end = limited.Token.Register(socket.Dispose);
            socket.Connect(_settings.Peer);
            return socket;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException && limited.IsCancellationRequested)
        {
            socket.Dispose();
            _ordered.Token.ThrowIfCancellationRequested();
            throw new SafeKitException($"{_settings.Peer}: no answer within {_settings.SilenceLimit.TotalSeconds:0.#} s");
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SafeKitException($"{_settings.Peer}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Hello MakeHello() => new(
        Hello.ProtocolVersion,
        _settings.Module,
        _settings.NodeName,
        DirectoriesSignature.Of(_settings),
        _full && !_state.HasReintegrated,
        _state.Record,
        _state.MapEpoch,
        _state.MapEpoch == 0 ? 0 : _state.Replayer.Applied,
        _state.Checkpoint.Epoch,
        _state.Checkpoint.Sequence,
        _state.OwnMarks is { Problem: "" },
        _state.OwnMarks?.Problem ?? "");

    private TimeSpan? BeRefused(ReplicationStream stream, HelloAnswer answer)
    {
        stream.Dispose();
        if (answer.Final)
        {
            _events.Refused(answer.Rule, answer.Remedy);
            return null;
        }

        if (answer.Rule != _lastRefusal)
            _events.Log(Origin, $"the primary does not accept this node yet: {answer.Rule} {answer.Remedy}".TrimEnd(), critical: false);
        _lastRefusal = answer.Rule;
        return _connecting.Next();
    }

    private void Pause(TimeSpan? pause) => _ordered.Token.WaitHandle.WaitOne(pause ?? Timeout.InfiniteTimeSpan);

    private void TellLoss(string reason, bool orderly)
    {
        if (_lossIsTold)
            return;
        _lossIsTold = true;
        _events.PrimaryLost(reason, orderly, _state.IsPaired);
    }
}
