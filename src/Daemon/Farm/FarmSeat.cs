using System.Net;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Logging;
using SafeKit.Filter;
using SafeKit.Membership;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// A module's place in its farm while it runs: the membership's thread on one side, the filter on the other. A view's rows and
/// lease go straight through; nothing in between may wait or allocate.
/// </summary>
public sealed class FarmSeat : IFarmSink
{
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly long _releaseIntervalNs = MonotonicClock.FromMs(100);
    private static readonly TimeSpan _departLimit = TimeSpan.FromSeconds(5);
    private static readonly long _healthyNs = MonotonicClock.FromMs(5_000);
    private readonly ModuleContext _context;
    private readonly ModuleLog _log;
    private readonly FilterPart? _part;
    private readonly DirectedSeat? _directed;
    private readonly bool _resetsConnections;
    private readonly IReadOnlyList<string> _groups;
    private readonly MembershipSettings _settings;
    private readonly MembershipRunner _runner;
    private readonly ConnectionKeeper? _keeper;
    private readonly Lock _servingGate = new();
    private CarrierWatch? _carriers;
    private CancellationTokenSource? _release;
    private long _releasedNs;
    private bool _wanted;
    private bool _carrier = true;

    private FarmSeat(ModuleContext context, UserConfiguration configuration, ModuleLog log, bool mayResume)
    {
        _context = context;
        _log = log;
        _part = configuration.Vip is { } vip ? FilterPart.From(context.Name, vip, context.Cluster.Self.Index) : null;
        _directed = _part is { IsDirected: true } part ? new DirectedSeat(context, part, log) : null;
        _resetsConnections = configuration.Vip?.TcpReset ?? false;
        var options = FarmOptions.From(context, configuration, context.BeginLife(log), Fail);
        _groups = [.. options.Settings.Groups.Select(g => g.Name)];
        _settings = options.Settings;
        var store = OpenStore(context, options.Settings);
        try
        {
            var closed = _part is null || !context.Filter.IsInherited(context.Slot);
            _runner = new MembershipRunner(options with { Store = store, Resumes = mayResume, FilterWasClosed = closed }, this);
        }
        catch
        {
            store.Dispose();
            throw;
        }

        _wanted = _runner.Resumed && store.Former!.Serving;
        if (mayResume && !_runner.Resumed)
            log.Event("farm", $"rule=resume not possible, joining anew: {store.Refusal}");
        if (_part is not null)
        {
            var timeouts = configuration.Vip!.LoadBalancingGroups.Select(g => g.AffinityTimeout).ToList();
            _keeper = new ConnectionKeeper(context, _part, timeouts, _runner, log);
        }
    }

    /// <summary>Whether the membership's thread still turns: it publishes at every pulse.</summary>
    public bool Healthy => MonotonicClock.NowNs - _runner.Snapshot.Membership.TakenNs < _healthyNs;

    /// <summary>Brings the filter up, closed, and joins the farm without a share.</summary>
    /// <exception cref="SafeKitException">Filter or sockets refuse; nothing is left behind.</exception>
    /// <param name="mayResume">The application ran on while the daemon was away: go on where it was, if its lease still runs.</param>
    public static FarmSeat Take(ModuleContext context, UserConfiguration configuration, ModuleLog log, bool mayResume)
    {
        var seat = new FarmSeat(context, configuration, log, mayResume);
        try
        {
            seat.TakeAddresses();
            seat._directed?.Start();
        }
        catch
        {
            seat._directed?.Dispose();
            seat._runner.Dispose();
            throw;
        }

        seat._keeper?.Start();
        seat._runner.Start();
        seat._carriers = new CarrierWatch([.. (seat._part?.Addresses ?? []).Select(a => a.Interface).Distinct()], seat.ObserveCarrier);
        return seat;
    }

    /// <summary>Whether a share that was open when the former daemon ended is still this node's.</summary>
    public static bool WouldResumeServing(ModuleContext context, UserConfiguration configuration)
    {
        using var store = OpenStore(context, FarmOptions.Settings(context, configuration));
        return store.Former is { Serving: true };
    }

    /// <summary>Asks for this node's share.</summary>
    public void Open()
    {
        if (Interlocked.Exchange(ref _release, null) is { } release)
            _ = CancelAsync(release);
        Volatile.Write(ref _releasedNs, 0);
        Want(true);
    }

    /// <summary>Asks for no share any more, and waits for nothing.</summary>
    public void Close() => Want(false);

    /// <summary>Connections to the module's addresses by the newest count; null before the first one.</summary>
    public int? Connections => _keeper?.Connections;

    /// <summary>
    /// Hands the share to the others and waits until this node has none and no connection to its addresses is left. Who waits for it sets
    /// the limit; opening again ends it.
    /// </summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        // What an earlier drain has seen says nothing about this one.
        Volatile.Write(ref _releasedNs, 0);
        Want(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (Interlocked.Exchange(ref _release, end) is { } earlier)
            await CancelAsync(earlier);
        try
        {
            while (!_runner.Snapshot.Membership.HoldsNothing || _runner.Snapshot.Membership.Serving || _keeper?.CountAndReport() > 0)
            {
                var waitNs = _keeper?.CountWaitNs(_releaseIntervalNs) ?? _releaseIntervalNs;
                await Task.Delay(TimeSpan.FromMilliseconds(MonotonicClock.ToMs(waitNs)), end.Token);
            }

            _log.Event("farm", "the share is released and no connection is left");
        }
        catch (OperationCanceledException)
        {
            _log.Event("farm", $"released no longer; {Connections ?? 0} connection(s) left");
        }
        finally
        {
            Interlocked.CompareExchange(ref _release, null, end);
        }
    }

    /// <summary>This node has no share, nor asks for one, and its connections were counted since: none comes after the count.</summary>
    public bool IsReleased
    {
        get
        {
            if (_runner.Snapshot.Membership is not { HoldsNothing: true, Serving: false })
            {
                Volatile.Write(ref _releasedNs, 0);
                return false;
            }

            Interlocked.CompareExchange(ref _releasedNs, MonotonicClock.NowNs, 0);
            return _keeper is null || _keeper.CountedNs > Volatile.Read(ref _releasedNs);
        }
    }

    public IReadOnlyList<bool>? MayHold(HeldQuestion question) => _keeper?.Answer(question);

    /// <summary>Leaves the view, then takes addresses and filter away.</summary>
    public async Task LeaveAsync()
    {
        _carriers?.Dispose();
        if (_keeper is not null)
            await _keeper.DisposeAsync();
        _runner.Leave();
        await AwaitAsync(m => m.HoldsNothing);
        _runner.Depart();
        await AwaitAsync(m => m.MayStop);
        _runner.Dispose();
        _context.Filter.SetLease(_context.Slot, 0);
        _directed?.Dispose();
        if (_resetsConnections && _part is not null)
            ConnectionReset.Run(_part.Addresses, _log);
        _context.Filter.Remove(_context.Slot);
        _log.Event("farm", "left the farm");
    }

    /// <summary>Ends without a word: addresses, filter and lease stay, for the next daemon to go on with.</summary>
    public async Task HandOverAsync()
    {
        _carriers?.Dispose();
        if (_keeper is not null)
            await _keeper.DisposeAsync();
        _runner.Dispose();
        _directed?.Dispose();
        _log.Event("farm", "handed over to the next daemon");
    }

    public IReadOnlyList<GroupShare> Shares()
    {
        var held = _runner.Snapshot.Membership.Held;
        return [.. _groups.Select((name, i) => new GroupShare(name, held[i], Limits.BucketsPerGroup))];
    }

    /// <summary>Name of the node that owns a bucket in the view that this node acts by; empty when nobody does.</summary>
    public string OwnerOf(string group, int bucket)
    {
        var number = _groups.ToList().IndexOf(group);
        if (number < 0 || _runner.Snapshot.Membership.Active is not { } view)
            return "";
        var owner = view.Table.OwnersOf(number)[bucket];
        return owner == BucketTable.Nobody ? "" : _context.Cluster.Configuration.Nodes[owner];
    }

    /// <summary>What keeps this node from its share, with the remedy; null when nothing does.</summary>
    public string? Problem()
    {
        var membership = _runner.Snapshot.Membership;
        var names = _context.Cluster.Configuration.Nodes;
        var strangers = membership.Peers.Where(p => p.ConfigurationDiffers).Select(p => names[p.Node.Index]).ToList();
        if (strangers.Count > 0)
        {
            return $"the configuration differs from that of {string.Join(", ", strangers)} (module or cluster.xml): "
                + "compare with safekit cluster state, make them equal, then safekit config and start again";
        }

        if (membership.AmongForeigners)
            return $"the other nodes use another cluster key: copy {_context.Paths.ClusterKey} from a node that works "
                + "and restart safekitd (or the modules have other numbers there: safekit cluster state)";
        if (!_carrier)
            return "an interface that carries a virtual address has no carrier, or has had it again for less than half a second: check the cable";
        if (_directed?.Unknown().Where(name => membership.Active?.Contains(new NodeId((byte)names.ToList().IndexOf(name))) == true).ToList()
            is { Count: > 0 } unknown)
        {
            return $"the MAC of {string.Join(", ", unknown)} is not known, so its packets cannot be sent on: "
                + "does it answer ARP on the network of the virtual address?";
        }

        return membership.Yielding
            ? "another part of the farm serves, and this node is not in contact with all of it: check the networks (safekit state -v)"
            : null;
    }

    public MembershipState Membership() => MembershipText.Of(_runner.Snapshot.Membership, _settings, _context.Cluster.Configuration.Nodes);

    void IFarmSink.InstallRows(ReadOnlySpan<byte> rows)
    {
        if (_part is not null)
            _context.Filter.InstallRows(_context.Slot, rows, _directed is null ? default : _directed.Holders);
    }

    void IFarmSink.InstallTable(BucketTable table) => _directed?.Observe(table);

    void IFarmSink.SetLease(long untilMonotonicNs)
    {
        if (_part is not null)
            _context.Filter.SetLease(_context.Slot, untilMonotonicNs);
    }

    void IFarmSink.Log(in MembershipDecision decision) =>
        _log.Event("farm", MembershipText.Named(decision.ToString(), _context.Cluster.Configuration.Nodes));

    private static MembershipStore OpenStore(ModuleContext context, MembershipSettings settings) => MembershipStore.Open(
        Path.Combine(context.Paths.Run, "farm", context.Name + ".life"), RunMarker.MachineLife(), settings);

    private void TakeAddresses()
    {
        if (_part is null)
            return;
        if (!_runner.Resumed)
        {
            // Nothing of a former life may go on when a new one begins. And who goes on serving need not ask whether the addresses are free.
            _context.Filter.SetLease(_context.Slot, 0);
            AddressProbe.Check(_part.Addresses, mac => _directed?.IsMember(mac) == true);
        }

        _context.Filter.Add(_context.Slot, _part);
        foreach (var address in _part.Addresses)
            _log.Event("vip", $"Virtual IP {address.Address} set on {address.Interface} with MAC {address.VirtualMac}");
    }

    private void ObserveCarrier(bool carrier, string why)
    {
        _log.Event("vip", $"rule=no-carrier {(carrier ? "share open" : "share closed")}: {why}");
        lock (_servingGate)
        {
            _carrier = carrier;
            _runner.SetServing(_wanted && _carrier);
        }
    }

    /// <summary>The share is asked for while the module wants it and the cable is in.</summary>
    private void Want(bool wanted)
    {
        lock (_servingGate)
        {
            _wanted = wanted;
            _runner.SetServing(_wanted && _carrier);
        }
    }

    private static async Task CancelAsync(CancellationTokenSource release)
    {
        try
        {
            await release.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    private async Task AwaitAsync(Func<MembershipSnapshot, bool> reached)
    {
        using var limit = new CancellationTokenSource(_departLimit);
        while (!reached(_runner.Snapshot.Membership) && !limit.IsCancellationRequested)
            await Task.Delay(_pollInterval);
    }

    private void Fail(Exception e)
    {
        _log.Critical("farm", $"the membership thread cannot go on: {e}");
        _context.Fail($"module {_context.Name}: the membership thread failed: {e.Message}");
    }
}
