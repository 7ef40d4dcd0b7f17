using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>
/// Measures how long clients wait: a dense stream of independent connections from source ports whose node is known,
/// each given so little time that no retransmission can hide a gap.
/// </summary>
public sealed class OutageProbe : IAsyncDisposable
{
    public const int FirstPort = 20_000;
    public const int Ports = 96;

    /// <summary>Below the first SYN retransmission (1 s), above the worst delay of a busy machine that answers.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromMilliseconds(250);

    private const int OutcomesMax = 20_000;

    private readonly LabClient _client;
    private readonly IPEndPoint _target;
    private readonly long _intervalNs;
    private readonly ConcurrentQueue<RequestOutcome> _outcomes = new();
    private readonly bool[] _busy = new bool[Ports];
    private readonly string?[] _nodeOfPort = new string?[Ports];
    private readonly Thread _thread;
    private volatile int[] _active = Enumerable.Range(0, Ports).ToArray();
    private volatile bool _ending;
    private int _pending;

    public OutageProbe(LabClient client, IPEndPoint target, TimeSpan interval)
    {
        _client = client;
        _target = target;
        _intervalNs = interval.Ticks * 100;
        _thread = client.Network.StartThread($"probe-{client.Name}", Send);
    }

    /// <summary>The probes of the last minute or so.</summary>
    public IReadOnlyList<RequestOutcome> Outcomes => _outcomes.ToArray();

    /// <summary>The source ports that a node answered last.</summary>
    public IReadOnlyList<int> PortsOf(string node) =>
        Enumerable.Range(0, Ports).Where(port => Volatile.Read(ref _nodeOfPort[port]) == node).Select(port => FirstPort + port).ToList();

    /// <summary>Waits until every source port was answered, so that its node is known.</summary>
    public async Task LearnAsync(TimeSpan limit)
    {
        _active = Enumerable.Range(0, Ports).ToArray();
        Array.Clear(_nodeOfPort);
        var deadline = DateTime.UtcNow + limit;
        while (_nodeOfPort.Any(node => node is null))
        {
            if (DateTime.UtcNow > deadline)
                throw new LabException($"only {_nodeOfPort.Count(n => n is not null)} of {Ports} source ports of {_client.Name} got an answer");
            await Task.Delay(10);
        }
    }

    /// <summary>From now on probes only the source ports of one node, and forgets what was seen before.</summary>
    public void Watch(string node)
    {
        var ports = PortsOf(node);
        if (ports.Count == 0)
            throw new LabException($"no source port of {_client.Name} is answered by {node}");
        _active = ports.Select(port => port - FirstPort).ToArray();
        _outcomes.Clear();
    }

    /// <summary>The longest outage among the probes sent since an instant.</summary>
    public OutageEpisode LongestSince(long ns) => OutageAnalysis.Longest(Outcomes.Where(probe => probe.SentNs >= ns));

    /// <summary>Waits until probes have been answered without a gap for a while, or the time is up.</summary>
    public async Task<OutageEpisode> WaitForEndAsync(long sinceNs, TimeSpan atLeast, TimeSpan limit)
    {
        var deadline = MonotonicClock.NowNs + limit.Ticks * 100;
        while (MonotonicClock.NowNs < deadline)
        {
            await Task.Delay(50);
            if (MonotonicClock.NowNs - sinceNs < atLeast.Ticks * 100)
                continue;
            var last = OutageAnalysis.Episodes(Outcomes.Where(probe => probe.SentNs >= sinceNs)).LastOrDefault();
            if (last == default || (last.Over && MonotonicClock.NowNs - last.EndNs > 2 * OutageAnalysis.QuietTime.Ticks * 100))
                break;
        }

        return LongestSince(sinceNs);
    }

    public async ValueTask DisposeAsync()
    {
        _ending = true;
        _thread.Join(TimeSpan.FromSeconds(5));
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(5);
        while (Volatile.Read(ref _pending) > 0 && DateTime.UtcNow < deadline)
            await Task.Delay(5);
    }

    private void Send()
    {
        var pacer = new Pacer(_intervalNs);
        for (var count = 0L; !_ending; count++)
        {
            pacer.WaitForNext();
            var active = _active;
            var port = active[count % active.Length];
            // A port still waiting for its last answer is left out: the next one takes the turn.
            if (!Volatile.Read(ref _busy[port]))
                _ = ProbeAsync(port);
        }
    }

    private async Task ProbeAsync(int port)
    {
        Volatile.Write(ref _busy[port], true);
        Interlocked.Increment(ref _pending);
        try
        {
            var socket = HttpExchange.CreateSocket(_target.AddressFamily, FirstPort + port);
            var outcome = await HttpExchange.RunAsync(socket, _target, ProbeTimeout);
            if (outcome.Node is { } node)
                Volatile.Write(ref _nodeOfPort[port], node);
            _outcomes.Enqueue(outcome);
            while (_outcomes.Count > OutcomesMax && _outcomes.TryDequeue(out _))
            {
            }
        }
        catch (SocketException)
        {
            // The port could not be bound for a moment: no probe was sent, so nothing is known.
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
            Volatile.Write(ref _busy[port], false);
        }
    }
}
