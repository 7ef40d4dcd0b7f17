using SafeKit.Core;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>Putting a plan into force.</summary>
public sealed partial class PacketFilter
{
    /// <summary>
    /// Puts the whole plan into force: interfaces, addresses, rules. Groups that were there before (same slot, same name)
    /// keep their rows; new ones start with empty rows. If anything fails, what was in force stays, and the exception names the place.
    /// </summary>
    public void Apply(FilterPlan plan)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            PlanCheck.Check(plan);
            IReadOnlyList<NodeInterface> interfaces = NodeInterface.ReadAll();
            VirtualAddressSetup.Check(plan, interfaces);
            Dictionary<FilterGroup, int> places = _stores.Prepare(plan.Groups, out List<int> fresh);
            Dictionary<string, InterfaceGuard> guards = AttachMissing(plan, interfaces, out List<InterfaceGuard> attached);
            try
            {
                int[] rowsOfGroup = [.. plan.Groups.Select(group => places[group])];
                ClearRows(fresh);
                // The filter knows every address as long as the node has it: new ones before, old ones until after.
                FilterPlan transition = WithLeaving(plan);
                PublishPlan(transition, interfaces, rowsOfGroup, guards);
                ExtendOrReturn(plan, interfaces, guards);
                AdoptPlaces(places, plan.Groups);
                (_plan, _rowsOfGroup) = (plan, rowsOfGroup);
                Note(_setup.Reduce(plan));
                FilterPlan rest = WithLeaving(plan);
                if (rest.Addresses.Count != transition.Addresses.Count)
                    PublishPlan(rest, interfaces, rowsOfGroup, guards);
            }
            catch
            {
                DropGuards(attached);
                throw;
            }
            CloseUnusedSlots(plan);
            AdoptGuards(plan, guards);
            TickClock.Relate(_loaded);
        }
    }

    /// <summary>
    /// The plan, and the addresses that the node has although the plan does not, without rules: everything to them is denied.
    /// They are leaving, or could not be removed.
    /// </summary>
    private FilterPlan WithLeaving(FilterPlan plan)
    {
        FilterAddress[] leaving = [.. _setup.Addresses
            .Where(held => plan.Addresses.All(address => !address.Address.Equals(held)))
            .Select(held => new FilterAddress(held, "lo", default, []))];
        if (leaving.Length == 0)
            return plan;
        if (plan.Addresses.Count + leaving.Length > Limits.VirtualAddressesMax)
            throw new SafeKitException($"{plan.Addresses.Count} virtual addresses beside {leaving.Length} that are leaving, at most " +
                $"{Limits.VirtualAddressesMax} together: stop a module first");
        return plan with { Addresses = [.. plan.Addresses, .. leaving] };
    }

    private void ExtendOrReturn(FilterPlan plan, IReadOnlyList<NodeInterface> interfaces, Dictionary<string, InterfaceGuard> guards)
    {
        try
        {
            _setup.Extend(plan, interfaces);
        }
        catch
        {
            // The version that was in force before is still there.
            SwitchPlan();
            FilterPlan before = _plan ?? plan with { Interfaces = [], Addresses = [], Groups = [] };
            FilterPlan rest = WithLeaving(before);
            if (rest != before)
                PublishPlan(rest, interfaces, _rowsOfGroup, guards);
            throw;
        }
    }

    /// <summary>Guards of a plan that failed go, unless an address stayed that they must deny.</summary>
    private void DropGuards(List<InterfaceGuard> attached)
    {
        bool mustDeny = _setup.Addresses.Any(held => _plan?.Addresses.Any(address => address.Address.Equals(held)) != true);
        foreach (InterfaceGuard guard in attached)
        {
            if (mustDeny && _guards.TryAdd(guard.Device.Name, guard))
                continue;
            guard.Detach();
        }
    }

    /// <summary>Guards that the plan does not need go, unless an address stayed that they must deny.</summary>
    private void AdoptGuards(FilterPlan plan, Dictionary<string, InterfaceGuard> guards)
    {
        bool mustDeny = WithLeaving(plan) != plan;
        foreach (InterfaceGuard old in _guards.Values.Where(guard => guards.GetValueOrDefault(guard.Device.Name) != guard))
        {
            if (!mustDeny || !guards.TryAdd(old.Device.Name, old))
                old.Detach();
        }
        _guards = guards;
    }

    /// <summary>Guards of the plan's interfaces; one whose interface was replaced by a new one of its name is attached anew.</summary>
    private Dictionary<string, InterfaceGuard> AttachMissing(
        FilterPlan plan,
        IReadOnlyList<NodeInterface> interfaces,
        out List<InterfaceGuard> attached)
    {
        var guards = new Dictionary<string, InterfaceGuard>();
        attached = [];
        try
        {
            foreach (FilterInterface one in plan.Interfaces)
            {
                NodeInterface device = interfaces.First(known => known.Name == one.Name);
                if (_guards.TryGetValue(one.Name, out InterfaceGuard? present) && present.Device.Index == device.Index)
                {
                    guards.Add(one.Name, present);
                    continue;
                }
                InterfaceGuard guard = InterfaceGuard.Attach(_loaded, _folder, device, _mayUseTcx);
                attached.Add(guard);
                guards.Add(one.Name, guard);
            }
            return guards;
        }
        catch
        {
            attached.ForEach(guard => guard.Detach());
            throw;
        }
    }

    private void AdoptPlaces(Dictionary<FilterGroup, int> places, IReadOnlyList<FilterGroup> groups)
    {
        int[][] bySlot = RowStores.Arrange(places, groups);
        WritePlaces(places, groups);
        lock (_rowsGate)
            _stores.Adopt(places, bySlot);
    }

    /// <summary>No lock: no plan since the last switch names a fresh place, and <see cref="InstallRows"/> does not know it yet.</summary>
    private void ClearRows(List<int> fresh)
    {
        AwaitReaders(_planSwitchedNs);
        foreach (int place in fresh)
        {
            for (int version = 0; version < SharedLimits.VersionsPerGroup; version++)
            {
                _loaded.Rows[(place * SharedLimits.VersionsPerGroup) + version] = default;
                Span<byte> routes = _loaded.Routes[(place * SharedLimits.VersionsPerGroup) + version];
                routes.Fill(SharedLimits.NoNode);
            }
        }
    }

    /// <summary>Writes the version of the plan that is not in force, and puts it into force.</summary>
    private void PublishPlan(
        FilterPlan plan, IReadOnlyList<NodeInterface> interfaces, int[] rowsOfGroup, Dictionary<string, InterfaceGuard> guards)
    {
        AwaitReaders(_planSwitchedNs);
        uint next = _loaded.Control[0].ActivePlan ^ 1;
        PlanWriter.Write(plan, name => Find(interfaces, guards, name), rowsOfGroup, ref _loaded.Plans[(int)next]);
        SwitchPlan();
    }

    private void SwitchPlan()
    {
        ref ControlEntry control = ref _loaded.Control[0];
        Volatile.Write(ref control.ActivePlan, control.ActivePlan ^ 1);
        _planSwitchedNs = MonotonicClock.NowNs;
    }

    /// <summary>So that the next module in a slot does not inherit a lease.</summary>
    private void CloseUnusedSlots(FilterPlan plan)
    {
        foreach (int slot in Enumerable.Range(0, SharedLimits.SlotsMax).Except(plan.Groups.Select(group => group.Slot)))
            SetLease(slot, 0);
    }

    /// <summary>The interface of an address that leaves may be gone already.</summary>
    private static PlanInterface Find(
        IReadOnlyList<NodeInterface> interfaces, Dictionary<string, InterfaceGuard> guards, string name) =>
        interfaces.FirstOrDefault(one => one.Name == name) is { } device
            ? new PlanInterface(
                device.Index,
                device.Mac,
                guards.GetValueOrDefault(name)?.SendsAtTc == true,
                guards.GetValueOrDefault(name)?.AnswersAtTc != false)
            : default;

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_isClosed, this);
}
