using System.Globalization;
using SafeKit.Core;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>Going on with the filter of an earlier process.</summary>
public sealed partial class PacketFilter
{
    private bool MayTakeOver()
    {
        if (!LoadedFilter.IsPinned(_folder) || !File.Exists(_folder.PlacesPath))
            return false;
        int control = _folder.TryOpen("control");
        if (control < 0)
            return false;
        using var shared = new SharedArray<ControlEntry>(control, 1);
        LibC.close(control);
        return shared[0].Layout == SharedLimits.Layout;
    }

    private LoadedFilter LoadOver(byte[]? image)
    {
        try
        {
            return LoadedFilter.Load(_folder, image);
        }
        catch (SafeKitException e)
        {
            LoadedFilter former = LoadedFilter.FromPins(_folder);
            _notes.Add($"this version's packet filter could not be loaded, the earlier one stays in force: {e.Message}");
            return former;
        }
    }

    private void AdoptFormer()
    {
        _setup.AdoptJournal();
        Dictionary<FilterGroup, int> places = ReadPlaces();
        _stores.Adopt(places, RowStores.Arrange(places, [.. places.Keys]));
        // The earlier process may have switched rows just before it ended.
        AwaitReaders(MonotonicClock.NowNs);
        foreach (NodeInterface device in NodeInterface.ReadAll())
        {
            if (InterfaceGuard.Adopt(_loaded, _folder, device, _notes) is { } guard)
                _guards.Add(device.Name, guard);
        }
        var kept = _guards.Values.SelectMany(guard => guard.Pins).ToHashSet();
        foreach (string pin in _folder.NamesWith(InterfaceGuard.LinkPrefix).Where(pin => !kept.Contains(pin)))
            _folder.Unpin(pin);
    }

    /// <summary>In the order of the groups' numbers, so that the rows of a slot are found in their order.</summary>
    private Dictionary<FilterGroup, int> ReadPlaces()
    {
        var places = new Dictionary<FilterGroup, int>();
        foreach (string line in File.ReadLines(_folder.PlacesPath))
        {
            string[] parts = line.Split('\t');
            if (parts.Length == 3
                && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int slot)
                && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int place))
                places.TryAdd(new FilterGroup(slot, parts[2]), place);
        }
        return places;
    }

    private void WritePlaces(Dictionary<FilterGroup, int> places, IReadOnlyList<FilterGroup> groups)
    {
        string temporary = _folder.PlacesPath + ".new";
        File.WriteAllLines(temporary, groups.Select(group =>
            string.Create(CultureInfo.InvariantCulture, $"{group.Slot}\t{places[group]}\t{group.Name}")));
        File.Move(temporary, _folder.PlacesPath, overwrite: true);
    }
}
