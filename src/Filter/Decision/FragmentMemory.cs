namespace SafeKit.Filter;

/// <summary>
/// What first fragments decided, for the later ones. The kernel forgets the oldest; here nothing is forgotten, so give
/// each simulated node a memory of its own and drop it with the node.
/// </summary>
public sealed class FragmentMemory
{
    private readonly Dictionary<Key, Value> _first = [];

    internal Value? Find(Key key) => _first.TryGetValue(key, out Value value) ? value : null;

    internal void Remember(Key key, Value value) => _first[key] = value;

    internal readonly record struct Key(bool IsIpv6, UInt128 Client, UInt128 Address, uint Identification, byte Protocol);

    internal readonly record struct Value(bool IsTaken, int Slot, int Group, int Bucket, int? Next);
}
