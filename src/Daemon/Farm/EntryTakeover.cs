using SafeKit.Membership;

namespace SafeKit.Daemon.Farm;

/// <summary>vmac_directed: what follows for the entries when one table replaces another. Pure.</summary>
/// <param name="IsAnyLost">A node that was an entry is none any more: somebody tells everyone.</param>
/// <param name="TellsEveryone">This node does: it has the first of the lost buckets, so exactly one does.</param>
/// <param name="Gained">Per bucket, whether this node has become its entry.</param>
public sealed record EntryTakeover(bool IsAnyLost, bool TellsEveryone, IReadOnlyList<bool> Gained)
{
    /// <param name="before">Owners of the group that decides about entries; empty: not known.</param>
    /// <param name="after">Owners now.</param>
    /// <param name="self">This node.</param>
    public static EntryTakeover Between(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, int self)
    {
        // Without a former table, who has everything finds clients of nodes that nobody remembers; who has a part finds others serving.
        var isHeirOfAll = before.IsEmpty && !after.ContainsAnyExcept((byte)self);
        var gained = new bool[after.Length];
        var firstLost = -1;
        for (var bucket = 0; bucket < after.Length; bucket++)
        {
            var former = before.IsEmpty ? BucketTable.Nobody : before[bucket];
            gained[bucket] = after[bucket] == self && former != self;
            var isLost = isHeirOfAll || (former != BucketTable.Nobody && !after.Contains(former));
            if (firstLost < 0 && isLost)
                firstLost = bucket;
        }

        return new EntryTakeover(firstLost >= 0, firstLost >= 0 && after[firstLost] == self, gained);
    }
}
