using System.Text.Json;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Filter;
using SafeKit.Filter.Probing;

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
    private volatile FilterState _state = new(0, [], new Dictionary<string, ulong>(), []);
    private readonly string _partsFile;
    private readonly HashSet<int> _inherited = [];
    private long _stateNs = long.MinValue / 2;

    private FilterHost(PacketFilter filter, string partsFile, ulong hashSeed)
    {
        _filter = filter;
        _partsFile = partsFile;
        _hashSeed = hashSeed;
    }

    /// <summary>What the administrator should know of how the filter was opened.</summary>
    public IReadOnlyList<string> Notes => _filter.Status().Notes;

    /// <summary>
    /// Opens the filter. What an earlier daemon left in the kernel works on: its parts are inherited until their modules claim them, or
    /// <see cref="KeepInherited"/> gives them up.
    /// </summary>
    public static FilterHost Open(string bpfFolder, ulong hashSeed)
    {
        var partsFile = bpfFolder + ".parts";
        var filter = PacketFilter.Open(bpfFolder);
        var parts = filter.HasTakenOver ? ReadParts(partsFile) : [];
        if (filter.HasTakenOver && parts is null)
        {
            // Whose the addresses are cannot be told: they go, and the modules bring them again.
            filter.Detach();
            filter.Dispose();
            filter = PacketFilter.Open(bpfFolder);
        }

        var host = new FilterHost(filter, partsFile, hashSeed);
        foreach (var kept in parts ?? [])
        {
            host._parts.Add(kept.Slot, kept.Part());
            host._inherited.Add(kept.Slot);
        }

        if (host._parts.Count > 0)
            host.Apply();
        return host;
    }

    /// <summary>Gives up what no module of these claims: its traffic is closed and its addresses go.</summary>
    public void KeepInherited(IReadOnlyCollection<string> modules)
    {
        lock (_gate)
        {
            var left = _inherited.Where(slot => !modules.Contains(_parts[slot].Module)).ToList();
            foreach (var slot in left)
            {
                _filter.SetLease(slot, 0);
                _inherited.Remove(slot);
                _parts.Remove(slot);
            }

            if (left.Count > 0)
                Apply();
        }
    }

    /// <summary>What an earlier daemon left in the kernel for this slot is still there, and may have taken packets until now.</summary>
    public bool IsInherited(int slot)
    {
        lock (_gate)
            return _inherited.Contains(slot);
    }

    /// <summary>Adds a module's addresses and groups. The other modules' traffic goes on.</summary>
    /// <exception cref="SafeKitException">The filter refuses; the running state is as it was.</exception>
    public void Add(int slot, FilterPart part)
    {
        lock (_gate)
        {
            if (_inherited.Remove(slot))
            {
                if (KeptPart.Of(slot, _parts[slot]).Text() == KeptPart.Of(slot, part).Text())
                    return;
                _parts.Remove(slot);
            }

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

    /// <summary>Seed of the hash by which packets find their buckets.</summary>
    public ulong HashSeed => _hashSeed;

    /// <summary>The part of each slot; waits while a plan is put into force.</summary>
    public IReadOnlyDictionary<int, FilterPart> Parts()
    {
        lock (_gate)
            return new Dictionary<int, FilterPart>(_parts);
    }

    public IReadOnlyList<HeldConnection> ReadHeld(int slot, out uint generation) => _filter.ReadHeld(slot, out generation);

    public HeldConnection? MarkOrphan(in HeldConnection connection, uint generation) => _filter.MarkOrphan(connection, generation);

    public void ReadActivity(int slot, Span<uint> ticks) => _filter.ReadActivity(slot, ticks);

    /// <summary>SYNs that the filter has answered, by slot.</summary>
    public long[] ReadCookies() => _filter.ReadCookies();

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

    /// <summary>Where the filter sits on an interface, or could sit, and how it sends on from there.</summary>
    public string PlaceOn(ProbeDevice device)
    {
        var state = State().Interfaces.FirstOrDefault(i => i.Interface == device.Name);
        if (state is not null && Enum.TryParse<FilterMode>(state.Mode, ignoreCase: true, out var mode))
            return $"{state.Mode}; {device.Sending(mode)}";
        return device.Expected() is { } expected
            ? $"not attached; {expected.ToString().ToLowerInvariant()} is possible; {device.Sending(expected)}"
            : "not attached; the start finds out whether native XDP is possible (Linux 6.3 tells before)";
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

    /// <summary>Ends the driving and leaves everything in the kernel, for the next daemon.</summary>
    public void Leave() => _filter.Dispose();

    /// <summary>Takes everything out of the kernel again. Returns what could not be taken out, and what to do about it.</summary>
    public IReadOnlyList<string> Close()
    {
        var left = _filter.Detach();
        File.Delete(_partsFile);
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
        return new FilterState(0, [.. interfaces], status.Counters.ToDictionary(c => c.Key, c => (ulong)c.Value), status.Notes);
    }

    /// <summary>Null if they cannot be told.</summary>
    private static List<KeptPart>? ReadParts(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, KeptJson.Default.KeptPart)!)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Before they are in force: what the next daemon finds in the kernel it must be able to name.</summary>
    private void WriteParts()
    {
        File.WriteAllLines(_partsFile + ".new", _parts.Select(p => KeptPart.Of(p.Key, p.Value).Text()));
        File.Move(_partsFile + ".new", _partsFile, overwrite: true);
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

        WriteParts();
        var interfaces = addresses.Select(a => a.Interface).Distinct().Select(name => new FilterInterface(name));
        _filter.Apply(new FilterPlan(_hashSeed, [.. interfaces], addresses, groups));
        _groups = groups;
    }
}
