using SafeKit.Core;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>
/// Drives the packet filter of this node. It starts closed: nothing for a virtual address is taken before rows are
/// installed and a lease is set. <see cref="Dispose"/> leaves the filter in the kernel, where it works until its leases
/// end; <see cref="Detach"/> removes it. One instance per node. <see cref="Apply"/>, <see cref="Status"/>, <see cref="Trace"/>
/// and <see cref="Detach"/> exclude each other; <see cref="InstallRows"/> waits for none of them, only for an instant in
/// which they touch the rows; <see cref="SetLease"/> may be called at any time from any thread.
/// </summary>
public sealed partial class PacketFilter : IDisposable
{
    /// <summary>Held for as long as a plan takes, with programs started meanwhile.</summary>
    private readonly Lock _gate = new();

    /// <summary>
    /// Held where connections are read and marked, apart from rows: whoever switches these must never wait for a walk through a map by a thread
    /// that has no processor.
    /// </summary>
    private readonly Lock _connectionsGate = new();

    /// <summary>
    /// For what <see cref="InstallRows"/> uses: places, versions, instants, the mapped rows. Order: after <see cref="_gate"/>, never
    /// the other way round; nothing that waits for anything but the kernel's readers happens under it.
    /// </summary>
    private readonly Lock _rowsGate = new();
    private readonly BpfFolder _folder;
    private readonly bool _mayUseTcx;
    private readonly VirtualAddressSetup _setup;
    private readonly LoadedFilter _loaded;
    private readonly RowStores _stores = new();
    private readonly List<string> _notes = [];
    private Dictionary<string, InterfaceGuard> _guards = [];
    private FilterPlan? _plan;
    private int[] _rowsOfGroup = [];
    private bool _isClosed;

    private PacketFilter(string bpfFolder, bool mayUseTcx, byte[]? image = null)
    {
        _mayUseTcx = mayUseTcx;
        _folder = new BpfFolder(bpfFolder);
        _setup = new VirtualAddressSetup(_folder.JournalPath);
        HasTakenOver = MayTakeOver();
        if (!HasTakenOver)
            RemoveOldFilter();
        _loaded = HasTakenOver ? LoadOver(image) : LoadedFilter.Load(image: image);
        try
        {
            foreach ((string name, int fd) in _loaded.Pinnable())
                _folder.PinOver(fd, name);
            if (HasTakenOver)
                AdoptFormer();
        }
        catch
        {
            if (!HasTakenOver)
                _folder.UnpinAll();
            _loaded.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A filter that an earlier process left goes on under this one: with its addresses, rules, rows and leases. The next plan may change them.
    /// </summary>
    public bool HasTakenOver { get; }

    /// <summary>
    /// Loads the filter and pins it below <paramref name="bpfFolder"/> (a bpffs, mounted there if it is none). A filter that an earlier process
    /// left there works on without a gap: its maps are kept, and its programs replaced. If the new ones cannot be loaded, the old ones stay
    /// in force, which the notes say. A filter whose maps have another meaning is closed and replaced.
    /// </summary>
    public static PacketFilter Open(string bpfFolder) => new(bpfFolder, mayUseTcx: true);

    /// <summary>With another filter than this assembly's, as an upgrade brings it.</summary>
    internal static PacketFilter OpenWith(string bpfFolder, byte[] image) => new(bpfFolder, mayUseTcx: true, image);

    /// <summary>As a kernel before 6.6 has it, on any kernel.</summary>
    internal static PacketFilter OpenWithoutTcx(string bpfFolder) => new(bpfFolder, mayUseTcx: false);

    /// <summary>
    /// The instant on the monotonic clock until which the node may act for the module; 0 closes. One store in memory
    /// that the filter reads: no system call, no allocation, no lock.
    /// </summary>
    public void SetLease(int slot, long untilMonotonicNs) =>
        Volatile.Write(ref _loaded.Control[0].Slots[slot].LeaseUntilNs, Math.Max(untilMonotonicNs, 0));

    /// <summary>The end of the module's lease as it stands in the kernel.</summary>
    public long Lease(int slot) => Volatile.Read(ref _loaded.Control[0].Slots[slot].LeaseUntilNs);

    /// <summary>
    /// Clean stop: closes, removes the addresses, then the filter, then everything that is pinned. Says what could not be removed;
    /// the journal keeps it for the next start. If an address is among it, the whole filter stays too, closed: without
    /// the filter the node would take everything for the address.
    /// </summary>
    public IReadOnlyList<string> Detach()
    {
        lock (_gate)
        {
            if (_isClosed)
                return [];
            // Whatever stays now is not to be taken over.
            File.Delete(_folder.PlacesPath);
            for (int slot = 0; slot < SharedLimits.SlotsMax; slot++)
                SetLease(slot, 0);
            // The address goes before the filter: without the filter every node would take everything.
            List<string> errors = [.. _setup.Clear()];
            if (_setup.Addresses.Any())
            {
                errors.Add($"the packet filter stays, closed, because this node still has {string.Join(", ", _setup.Addresses)}: " +
                    "remove it from lo with 'ip address del'; the next start removes the filter");
                CloseHandles();
                return errors;
            }
            foreach (InterfaceGuard guard in _guards.Values)
                guard.Detach();
            errors.AddRange(_folder.UnpinAll());
            CloseHandles();
            return errors;
        }
    }

    private void Note(IEnumerable<string> notes) => _notes.AddRange(notes.Except(_notes));

    /// <summary>Ends the driving, not the filter: what is pinned goes on until its leases end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isClosed)
                CloseHandles();
        }
    }

    private void CloseHandles()
    {
        foreach (InterfaceGuard guard in _guards.Values)
            guard.Dispose();
        _guards = [];
        _setup.Dispose();
        lock (_connectionsGate)
        {
            lock (_rowsGate)
            {
                _isClosed = true;
                _loaded.Dispose();
            }
        }
    }

    private void RemoveOldFilter()
    {
        int control = _folder.TryOpen("control");
        if (control >= 0)
        {
            // First of all: whatever the old filter still does, it must not go on taking packets on an old lease.
            using (var shared = new SharedArray<ControlEntry>(control, 1))
                ClearLeases(shared);
            LibC.close(control);
        }
        File.Delete(_folder.PlacesPath);
        if (_setup.AdoptJournal())
            Note(_setup.Clear());
        if (_folder.IsEmpty)
            return;
        Note(_folder.UnpinAll());
        _notes.Add("a filter left by an earlier daemon was closed and replaced");
    }

    private static void ClearLeases(SharedArray<ControlEntry> shared)
    {
        Span<SlotEntry> slots = shared[0].Slots;
        foreach (ref SlotEntry slot in slots)
            Volatile.Write(ref slot.LeaseUntilNs, 0);
    }
}
