using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>
/// Where the rows of a group lie in the kernel. A group (module slot and name) keeps its place from plan to plan, although
/// its number in the plan may change: so a new plan takes no traffic from groups that it leaves alone.
/// </summary>
internal sealed class RowStores
{
    private Dictionary<FilterGroup, int> _places = [];

    /// <summary>Places of a slot's groups, in the order of their numbers in the plan in force.</summary>
    public int[][] BySlot { get; private set; } = Empty();

    /// <summary>Places for the groups of a new plan; the present ones stay in force until <see cref="Adopt"/>.</summary>
    public Dictionary<FilterGroup, int> Prepare(IReadOnlyList<FilterGroup> groups, out List<int> fresh)
    {
        var places = new Dictionary<FilterGroup, int>();
        var free = new Queue<int>(Enumerable.Range(0, Limits.GroupsMax).Except(_places.Values));
        fresh = [];
        foreach (FilterGroup group in groups)
        {
            if (_places.TryGetValue(group, out int place))
            {
                places.Add(group, place);
                continue;
            }
            if (!free.TryDequeue(out place))
                throw new SafeKitException($"group {group.Name}: no room beside the groups in force; at most " +
                    $"{Limits.GroupsMax} old and new together, so stop a farm module first");
            places.Add(group, place);
            fresh.Add(place);
        }
        return places;
    }

    /// <summary>The places of each slot's groups, in the order of the groups.</summary>
    public static int[][] Arrange(Dictionary<FilterGroup, int> places, IReadOnlyList<FilterGroup> groups)
    {
        int[][] bySlot = Empty();
        foreach (IGrouping<int, FilterGroup> slot in groups.GroupBy(group => group.Slot))
            bySlot[slot.Key] = [.. slot.Select(group => places[group])];
        return bySlot;
    }

    /// <summary>Two assignments, so that whoever installs rows is not held up.</summary>
    public void Adopt(Dictionary<FilterGroup, int> places, int[][] bySlot)
    {
        _places = places;
        BySlot = bySlot;
    }

    private static int[][] Empty() => [.. Enumerable.Repeat(Array.Empty<int>(), Layout.SharedLimits.SlotsMax)];
}
