using System.Net;
using SafeKit.Core;
using SafeKit.Core.Control;
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
    private static readonly TimeSpan _drainLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _departLimit = TimeSpan.FromSeconds(5);
    private static readonly long _healthyNs = MonotonicClock.FromMs(5_000);
    private readonly ModuleContext _context;
    private readonly ModuleLog _log;
    private readonly FilterPart? _part;
    private readonly DirectedSeat? _directed;
    private readonly IReadOnlyList<string> _groups;
    private readonly MembershipRunner _runner;
    private readonly Lock _servingGate = new();
    private CarrierWatch? _carriers;
    private bool _wanted;
    private bool _carrier = true;

    private FarmSeat(ModuleContext context, UserConfiguration configuration, ModuleLog log)
    {
        _context = context;
        _log = log;
        _part = configuration.Vip is { } vip ? FilterPart.From(context.Name, vip, context.Cluster.Self.Index) : null;
        _directed = _part is { IsDirected: true } part ? new DirectedSeat(context, part, log) : null;
        var options = FarmOptions.From(context, configuration, Fail);
        _groups = [.. options.Settings.Groups.Select(g => g.Name)];
        _runner = new MembershipRunner(options, this);
    }

    /// <summary>Whether the membership's thread still turns: it publishes at every pulse.</summary>
    public bool Healthy => MonotonicClock.NowNs - _runner.Snapshot.Membership.TakenNs < _healthyNs;

    /// <summary>Brings the filter up, closed, and joins the farm without a share.</summary>
    /// <exception cref="SafeKitException">Filter or sockets refuse; nothing is left behind.</exception>
    public static FarmSeat Take(ModuleContext context, UserConfiguration configuration, ModuleLog log)
    {
        var seat = new FarmSeat(context, configuration, log);
        try
        {
            if (seat._part is { } part)
            {
                AddressProbe.Check(part.Addresses, mac => seat._directed?.IsMember(mac) == true);
                context.Filter.Add(context.Slot, part);
                seat._directed?.Start();
            }
        }
        catch
        {
            seat._directed?.Dispose();
            seat._runner.Dispose();
            throw;
        }

        foreach (var address in seat._part?.Addresses ?? [])
            log.Event("vip", $"Virtual IP {address.Address} set on {address.Interface} with MAC {address.VirtualMac}");
        seat._runner.Start();
        seat._carriers = new CarrierWatch([.. (seat._part?.Addresses ?? []).Select(a => a.Interface).Distinct()], seat.ObserveCarrier);
        return seat;
    }

    /// <summary>Asks for this node's share.</summary>
    public void Open() => Want(true);

    /// <summary>
    /// Hands the share to the others and waits until this node has none and no connection to its addresses is left, or
    /// until the limit for connections has passed.
    /// </summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        Want(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_drainLimit);
        var left = 0;
        try
        {
            while (!_runner.Snapshot.Membership.HoldsNothing || _runner.Snapshot.Membership.Serving || (left = Connections()) > 0)
                await Task.Delay(_pollInterval, limit.Token);
            _runner.ReportDrained();
            _log.Event("farm", "the share is released and no connection is left");
        }
        catch (OperationCanceledException)
        {
            _log.Event("farm", $"{left} connection(s) left after {_drainLimit.TotalSeconds:0} s");
        }
    }

    /// <summary>Leaves the view, then takes addresses and filter away.</summary>
    public async Task LeaveAsync()
    {
        _carriers?.Dispose();
        _runner.Leave();
        await AwaitAsync(m => m.HoldsNothing);
        _runner.Depart();
        await AwaitAsync(m => m.MayStop);
        _runner.Dispose();
        _context.Filter.SetLease(_context.Slot, 0);
        _directed?.Dispose();
        _context.Filter.Remove(_context.Slot);
        _log.Event("farm", "left the farm");
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

    public MembershipState Membership() => MembershipText.Of(_runner.Snapshot.Membership, _context.Cluster.Configuration.Nodes);

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

    private int Connections() =>
        _part is null ? 0 : ConnectionCounter.Count([.. _part.Addresses.Select(a => a.Address)]);

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
