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
                uint version = WritePlan(plan, interfaces, rowsOfGroup, fresh);
                // The filter knows the addresses before the node has them, and closed: no packet slips past it.
                Publish(version);
                ExtendOrReturn(plan, interfaces, version);
                _stores.Adopt(places, plan.Groups);
                _rowsOfGroup = rowsOfGroup;
            }
            catch (SafeKitException)
            {
                attached.ForEach(guard => guard.Detach());
                throw;
            }
            CloseUnusedSlots(plan);
            _setup.Reduce(plan);
            foreach (InterfaceGuard old in _guards.Values.Where(guard => guards.GetValueOrDefault(guard.Device.Name) != guard))
                old.Detach();
            _guards = guards;
            TickClock.Relate(_loaded);
        }
    }

    private void ExtendOrReturn(FilterPlan plan, IReadOnlyList<NodeInterface> interfaces, uint version)
    {
        try
        {
            _setup.Extend(plan, interfaces);
        }
        catch (SafeKitException)
        {
            Publish(version ^ 1);
            throw;
        }
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
                InterfaceGuard guard = InterfaceGuard.Attach(_loaded, _folder, device);
                attached.Add(guard);
                guards.Add(one.Name, guard);
            }
            return guards;
        }
        catch (SafeKitException)
        {
            attached.ForEach(guard => guard.Detach());
            throw;
        }
    }

    /// <summary>Writes the version of the plan that is not in force, and says which it is.</summary>
    private uint WritePlan(FilterPlan plan, IReadOnlyList<NodeInterface> interfaces, int[] rowsOfGroup, List<int> fresh)
    {
        AwaitReaders();
        foreach (int place in fresh)
        {
            for (int version = 0; version < SharedLimits.VersionsPerGroup; version++)
                _loaded.Rows[(place * SharedLimits.VersionsPerGroup) + version] = default;
        }
        uint next = _loaded.Control[0].ActivePlan ^ 1;
        PlanWriter.Write(plan, name => Find(interfaces, name), rowsOfGroup, ref _loaded.Plans[(int)next]);
        return next;
    }

    private void Publish(uint version)
    {
        Volatile.Write(ref _loaded.Control[0].ActivePlan, version);
        _switchedNs = MonotonicClock.NowNs;
    }

    /// <summary>So that the next module in a slot does not inherit a lease.</summary>
    private void CloseUnusedSlots(FilterPlan plan)
    {
        foreach (int slot in Enumerable.Range(0, SharedLimits.SlotsMax).Except(plan.Groups.Select(group => group.Slot)))
            SetLease(slot, 0);
    }

    private static (int Index, MacAddress Mac) Find(IReadOnlyList<NodeInterface> interfaces, string name)
    {
        NodeInterface device = interfaces.First(one => one.Name == name);
        return (device.Index, device.Mac);
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_isClosed, this);
}
