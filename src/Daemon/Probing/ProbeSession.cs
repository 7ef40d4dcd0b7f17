using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter;
using SafeKit.Filter.Probing;

namespace SafeKit.Daemon.Probing;

/// <summary>This node's part in one test: listens until it is closed or its life has ended.</summary>
public sealed class ProbeSession : IDisposable
{
    /// <summary>Longer than a whole test: whoever asked for it and vanished leaves nothing behind.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(15);

    /// <summary>Each frame is sent so often: one that is lost among other traffic is no finding.</summary>
    public const int Copies = 3;

    /// <summary>A switch may take a moment to learn, and floods what it has no answer for yet.</summary>
    private static readonly TimeSpan _copyInterval = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(1);

    /// <summary>More than a socket holds: whoever floods this node with frames does not hold it up.</summary>
    private const int UnreadMax = 4096;

    private static readonly MacAddress _broadcast = new(0xFFFF_FFFF_FFFF);
    private readonly ProbeDevice _device;
    private readonly byte _self;
    private readonly int _nodeCount;
    private readonly UInt128 _nonce;
    private readonly ProbeSocket _socket;
    private readonly CancellationTokenSource _end;
    private readonly HashSet<ProbeSighting> _seen = [];
    private readonly Lock _gate = new();
    private int _sendsLeft = 2;
    private volatile bool _isClosing;

    /// <exception cref="SafeKitException">The interface cannot listen.</exception>
    public ProbeSession(ProbeDevice device, NodeId self, int nodeCount, UInt128 nonce, IEnumerable<MacAddress> accepted, TimeSpan life)
    {
        _device = device;
        _self = self.Index;
        _nodeCount = nodeCount;
        _nonce = nonce;
        _end = new CancellationTokenSource(life);
        _socket = new ProbeSocket(device);
        try
        {
            foreach (var mac in accepted)
                _socket.Accept(mac);
        }
        catch (SafeKitException)
        {
            Dispose();
            throw;
        }

        Listening = ListenAsync();
        _socket.TrySend(new ProbeFrame(_broadcast, ProbeKind.Broadcast, _self, _nonce));
    }

    /// <summary>Ends with the session.</summary>
    public Task Listening { get; } = Task.CompletedTask;

    /// <exception cref="SafeKitException">The test has sent enough, or the interface takes nothing.</exception>
    public void Send(IReadOnlyList<(ProbeKind Kind, MacAddress Mac)> targets)
    {
        if (Interlocked.Decrement(ref _sendsLeft) < 0)
            throw new SafeKitException("this test has sent all its frames already");
        var sent = 0;
        for (var copy = 0; copy < Copies; copy++)
        {
            if (copy > 0)
                Thread.Sleep(_copyInterval);
            foreach (var (kind, mac) in targets)
                sent += _socket.TrySend(new ProbeFrame(mac, kind, _self, _nonce)) ? 1 : 0;
        }

        if (sent == 0 && targets.Count > 0)
            throw new SafeKitException($"interface {_device.Name} sends nothing: is its cable plugged in and the interface up? ip link show {_device.Name}");
    }

    /// <exception cref="SafeKitException">The kernel refuses.</exception>
    public void Widen() => _socket.AcceptAll();

    /// <summary>
    /// Ends the listening and returns what arrived. What the kernel holds for this node counts, also where a busy machine has not
    /// come to read it yet: it would be called lost otherwise.
    /// </summary>
    public IReadOnlyList<ProbeSighting> Close()
    {
        _isClosing = true;
        _end.Cancel();
        if (Listening.Wait(_endLimit))
        {
            for (var left = UnreadMax; left > 0 && _socket.TryReceive(out var frame); left--)
            {
                if (frame is { } known)
                    Note(known);
            }
        }

        lock (_gate)
            return [.. _seen];
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _socket.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (!_end.IsCancellationRequested)
            {
                if (await _socket.ReceiveAsync(_end.Token) is { } frame)
                    Note(frame);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed, too old, or without its interface: what was seen until now is what there is.
        }
        finally
        {
            // Nobody will close a test that its leader has forgotten: the interface is as before from here on.
            if (!_isClosing)
                _socket.Dispose();
        }
    }

    private void Note(ProbeFrame frame)
    {
        // A frame for another node's own MAC that was flooded to this one proves nothing about this one.
        var isForOther = frame.Kind == ProbeKind.Own && frame.Destination != _device.Mac;
        if (frame.Nonce != _nonce || frame.Sender == _self || frame.Sender >= _nodeCount || isForOther)
            return;
        lock (_gate)
            _seen.Add(new ProbeSighting(frame.Sender, frame.Kind));
    }
}
