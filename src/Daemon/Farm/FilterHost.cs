using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Filter;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// The one packet filter of the node, shared by its modules. A module has a slot (its lease, its tables) and some groups; the
/// filter's groups are numbered for the node. Rows and leases go straight to the filter, from the membership's thread.
/// </summary>
public sealed class FilterHost
{
    private static readonly long _stateAgeNs = MonotonicClock.FromMs(200);
    private static readonly TimeSpan _stateWait = TimeSpan.FromMilliseconds(20);
    private readonly Lock _gate = new();
    private readonly PacketFilter _filter;
    private readonly ulong _hashSeed;
    private readonly SortedDictionary<int, FilterPart> _parts = [];
    private volatile IReadOnlyList<FilterGroup> _groups = [];
    private volatile FilterState _state = new(0, [], new Dictionary<string, ulong>());
    private long _stateNs = long.MinValue / 2;

    private FilterHost(PacketFilter filter, ulong hashSeed)
    {
        _filter = filter;
        _hashSeed = hashSeed;
    }

    /// <summary>Opens the filter; what a killed daemon left in the kernel falls silent at once.</summary>
    public static FilterHost Open(string bpfFolder, ulong hashSeed) => new(PacketFilter.Open(bpfFolder), hashSeed);

    /// <summary>Adds a module's addresses and groups. The other modules' traffic goes on.</summary>
    /// <exception cref="SafeKitException">The filter refuses; the running state is as it was.</exception>
    public void Add(int slot, FilterPart part)
    {
        lock (_gate)
        {
            var groups = _parts.Values.Sum(p => p.Groups.Count) + part.Groups.Count;
            if (groups > Limits.GroupsMax)
                throw new SafeKitException($"{groups} groups in all modules of this node; at most {Limits.GroupsMax} can be served");
            _parts.Add(slot, part);
            try
            {
                Apply();
            }
            catch (SafeKitException)
            {
                _parts.Remove(slot);
                throw;
            }
        }
    }

    /// <summary>Closes a module's traffic and takes its addresses away.</summary>
    public void Remove(int slot)
    {
        lock (_gate)
        {
            _filter.SetLease(slot, 0);
            if (_parts.Remove(slot))
                Apply();
        }
    }

    /// <summary>Rows of all groups of a module, one after the other.</summary>
    public void InstallRows(int slot, ReadOnlySpan<byte> rows, ReadOnlySpan<byte> holders = default) =>
        _filter.InstallRows(slot, rows, holders);

    /// <summary>vmac_directed: makes a node's MAC on an interface known.</summary>
    public void SetMember(string interfaceName, int node, MacAddress mac) => _filter.SetMember(interfaceName, node, mac);

    /// <summary>vmac_directed: clients that asked for an address.</summary>
    public IReadOnlyList<AddressAsker> Askers(FilterAddress address) => _filter.Askers(address);

    /// <summary>Until when the module may act, as it stands in the kernel.</summary>
    public long Lease(int slot) => _filter.Lease(slot);

    public void SetLease(int slot, long untilNs) => _filter.SetLease(slot, untilNs);

    /// <summary>
    /// What the filter does, at most as old as a change of its plan takes (A1): read anew when nothing is being changed, and
    /// not more often than five times a second, so that status never stands in the way of the membership's thread.
    /// </summary>
    public FilterState State()
    {
        if (MonotonicClock.NowNs - _stateNs > _stateAgeNs && _gate.TryEnter(_stateWait))
        {
            try
            {
                _state = ReadState();
                _stateNs = MonotonicClock.NowNs;
            }
            finally
            {
                _gate.Exit();
            }
        }

        return _state with { AgeMs = MonotonicClock.ToMs(MonotonicClock.NowNs - _stateNs) };
    }

    /// <summary>What this node's filter, in the kernel, does with a packet.</summary>
    /// <exception cref="SafeKitException">The question names no valid addresses.</exception>
    public NodeVerdict Trace(TraceRequest request, RunningNode node)
    {
        var packet = TracePacket.From(request);
        FilterPart? part;
        lock (_gate)
            part = _parts.Values.FirstOrDefault(p => p.Addresses.Any(a => a.Address.Equals(packet.VirtualAddress)));
        if (part is null)
            return new NodeVerdict(node.Cluster.SelfName, "", "", -1, "", "passed", $"{packet.VirtualAddress} is no virtual address here");
        var address = part.Addresses.First(a => a.Address.Equals(packet.VirtualAddress));
        packet.CheckAgainst(address);
        var verdict = _filter.Trace(packet.Frame(address.VirtualMac), address.Interface);
        var group = verdict.Group is { } number && number < _groups.Count ? _groups[number].Name : "";
        return new NodeVerdict(
            node.Cluster.SelfName,
            part.Module,
            group,
            verdict.Bucket ?? -1,
            verdict.Bucket is { } bucket ? node.Module(part.Module).OwnerOf(group, bucket) : "",
            Word(verdict.Verdict),
            FilterReasons.Name(verdict.Reason));
    }

    /// <summary>Takes everything out of the kernel again. Returns what could not be taken out, and what to do about it.</summary>
    public IReadOnlyList<string> Close()
    {
        var left = _filter.Detach();
        _filter.Dispose();
        return left;
    }

    private static string Word(FilterVerdict verdict) => verdict switch
    {
        FilterVerdict.Take => "taken",
        FilterVerdict.Drop => "dropped",
        FilterVerdict.Answer => "answered",
        FilterVerdict.Forward => "sent on",
        _ => "passed",
    };

    private FilterState ReadState()
    {
        var status = _filter.Status();
        var interfaces = status.Interfaces.Select(i => new FilterInterfaceState(
            i.Name,
            i.Mode.ToString().ToLowerInvariant(),
            string.Join("; ", new[] { i.Reason, i.Reception, i.Sending }.OfType<string>()),
            [.. _parts.Values.SelectMany(p => p.Addresses).Where(a => a.Interface == i.Name).Select(a => a.Address.ToString())]));
        return new FilterState(0, [.. interfaces], status.Counters.ToDictionary(c => c.Key, c => (ulong)c.Value));
    }

    private void Apply()
    {
        var groups = new List<FilterGroup>();
        var addresses = new List<FilterAddress>();
        foreach (var (slot, part) in _parts)
        {
            var numbers = Enumerable.Range(groups.Count, part.Groups.Count).ToList();
            groups.AddRange(part.Groups.Select(name => new FilterGroup(slot, name)));
            addresses.AddRange(part.Numbered(numbers));
        }

        var interfaces = addresses.Select(a => a.Interface).Distinct().Select(name => new FilterInterface(name));
        _filter.Apply(new FilterPlan(_hashSeed, [.. interfaces], addresses, groups));
        _groups = groups;
    }
}
