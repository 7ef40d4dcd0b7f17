using System.Net;
using SafeKit.Core;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Logging;
using SafeKit.Daemon.Native;
using SafeKit.Filter;
using SafeKit.Membership;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// Keeps connections where they are. As a former holder it counts what this node has left and reports it, until nothing is left; as an owner
/// it asks the former holders about each connection that nobody here knows, so that those of a crashed node get their reset although others
/// still have connections in the same bucket. Runs beside the membership's thread and never makes it wait.
/// </summary>
public sealed class ConnectionKeeper : IAsyncDisposable
{
    private const int AskedAtOnceMax = 1000;
    private static readonly TimeSpan _turn = TimeSpan.FromMilliseconds(100);
    private static readonly long _countEveryNs = MonotonicClock.FromMs(1_000);
    private static readonly long _handshakeNs = MonotonicClock.FromMs(MembershipSettings.SettleMsDefault);

    private readonly ModuleContext _context;
    private readonly FilterPart _part;
    private readonly MembershipRunner _runner;
    private readonly ModuleLog _log;
    private readonly ConnectionCounter _counter;
    private readonly BusyMeter _busy;
    private readonly OrphanRule _orphans = new();
    private readonly CookieWatch _cookies = new();
    private readonly Lock _cookieGate = new();
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;
    private long _countedNs = long.MinValue / 2;
    private long _countTookNs;
    private string _complaint = "";
    private int _asked;

    public ConnectionKeeper(
        ModuleContext context, FilterPart part, IReadOnlyList<TimeSpan?> affinityTimeouts, MembershipRunner runner, ModuleLog log)
    {
        _context = context;
        _part = part;
        _runner = runner;
        _log = log;
        _counter = new ConnectionCounter(part, context.Filter.HashSeed);
        _busy = new BusyMeter(affinityTimeouts);
    }

    /// <summary>The newest count; null before the first one.</summary>
    public int? Connections { get; private set; }

    /// <summary>When the newest count began.</summary>
    public long CountedNs => Volatile.Read(ref _countedNs);

    /// <summary>How long to wait after the newest count before the next one.</summary>
    /// <param name="leastNs">The shortest wait.</param>
    public long CountWaitNs(long leastNs) => CountPace.WaitNs(Volatile.Read(ref _countTookNs), leastNs);

    /// <summary>Counts what a former life may have left, before the membership begins, then goes on by itself.</summary>
    public void Start()
    {
        CountAndReport();
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Counts at once and reports.</summary>
    /// <exception cref="SafeKitException">The kernel refuses.</exception>
    public int CountAndReport()
    {
        var countedNs = MonotonicClock.NowNs;
        var count = _counter.Count();
        _runner.ReportConnections(count.Holding, ReadBusy(countedNs), countedNs);
        Connections = count.Total;
        Volatile.Write(ref _countTookNs, MonotonicClock.NowNs - countedNs);
        Volatile.Write(ref _countedNs, countedNs);
        return count.Total;
    }

    /// <summary>For each connection whether this node may hold it; null under another view, where nothing can be said.</summary>
    public IReadOnlyList<bool>? Answer(HeldQuestion question)
    {
        var promised = OrphanRule.NameOf(_runner.Snapshot.Membership.Promised);
        HashSet<(IPEndPoint Client, IPEndPoint Server)>? held = null;
        return _orphans.Answer(promised, question.View, question.Connections.Count, HandshakesMayBeHidden(), i =>
            (held ??= DumpSockets()).Contains((IPEndPoint.Parse(question.Connections[i].Client), IPEndPoint.Parse(question.Connections[i].Server))));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    private static HashSet<(IPEndPoint Client, IPEndPoint Server)> DumpSockets()
    {
        var held = new HashSet<(IPEndPoint Client, IPEndPoint Server)>();
        SocketDiag.Dump((local, localPort, remote, remotePort) =>
            held.Add((new IPEndPoint(new IPAddress(remote), remotePort), new IPEndPoint(new IPAddress(local), localPort))));
        return held;
    }

    private bool HandshakesMayBeHidden()
    {
        lock (_cookieGate)
            return _cookies.SentWithin(_handshakeNs, MonotonicClock.NowNs);
    }

    private byte[] ReadBusy(long nowNs)
    {
        if (!_busy.IsNeeded)
            return new byte[_part.Groups.Count * Limits.BucketsPerGroup / 8];
        var ticks = new uint[_part.Groups.Count * Limits.BucketsPerGroup];
        _context.Filter.ReadActivity(_context.Slot, ticks);
        return _busy.Read(ticks, nowNs);
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(_turn);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                await TurnAsync();
        }
        catch (OperationCanceledException)
        {
            // The module leaves the farm.
        }
    }

    private async Task TurnAsync()
    {
        try
        {
            var membership = _runner.Snapshot.Membership;
            if (MonotonicClock.NowNs - CountedNs >= CountWaitNs(_countEveryNs))
            {
                HandshakesMayBeHidden();
                if (_busy.IsNeeded || membership.MayHold > 0)
                    CountAndReport();
            }

            if (membership.ResetsHeld > 0)
                await AskAsync(membership);
            _complaint = "";
        }
        catch (Exception e) when (e is SafeKitException or IOException)
        {
            // Until it succeeds resets stay held back and lookups go on, which harms no connection.
            if (_complaint != e.Message)
                _log.Critical("farm", $"connections cannot be counted or asked about: {e.Message}");
            _complaint = e.Message;
        }
    }

    /// <summary>Rule orphan: a connection that no member has is reset.</summary>
    private async Task AskAsync(MembershipSnapshot membership)
    {
        var held = _context.Filter.ReadHeld(_context.Slot, out var generation);
        if (held.Count == 0 || membership.Active is not { } view || membership.Promised != view)
            return;
        // In turns, so that those which somebody holds do not keep others from being asked about.
        List<HeldConnection> asked = [.. held.Skip(_asked % held.Count).Concat(held).Take(Math.Min(held.Count, AskedAtOnceMax))];
        _asked += asked.Count;
        var asking = OrphanRule.NameOf(view)!;
        var question = new HeldQuestion(
            _context.Name, asking, [.. asked.Select(c => new HeldTuple(c.Client.ToString(), c.Server.ToString()))]);
        var others = OthersOf(view, membership.Self);
        var answers = await Task.WhenAll(others.Select(name => AskAsync(name, question)));
        var orphans = _orphans.Find(asking, OrphanRule.NameOf(_runner.Snapshot.Membership.Promised), asked.Count, [Answer(question), .. answers]);
        foreach (var i in orphans)
        {
            // Nobody has it may mean that it has ended while we asked: the client's newest packet tells.
            if (_context.Filter.MarkOrphan(asked[i], generation) is { Closes: false } newest)
                OrphanReset.Send(newest.Server, newest.Client, newest.ClientExpects);
        }

        if (orphans.Count > 0)
            _log.Event("farm", $"rule=orphan {orphans.Count} connection(s) that no member holds are reset");
    }

    private List<string> OthersOf(View view, NodeId self)
    {
        var names = new List<string>();
        foreach (var member in view.Members)
        {
            if (member.Node != self)
                names.Add(_context.Cluster.Configuration.Nodes[member.Node.Index]);
        }

        return names;
    }

    private async Task<IReadOnlyList<bool>?> AskAsync(string name, HeldQuestion question)
    {
        try
        {
            var endpoint = _context.Cluster.CommandEndpoint(name);
            return (await ClusterClient.AskAsync(endpoint, _context.Cluster.Key, new ClusterQuestion(null, question), _end.Token)).MayHold;
        }
        catch (SafeKitException)
        {
            // Who does not answer may hold it.
            return null;
        }
    }
}
