using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// The next table from the previous one: exact shares, fewest moves. A lost node's buckets alone move, a returning node
/// takes only its share. A bucket that moves away from a member remembers that member as former holder.
/// </summary>
public static class BucketAssignment
{
    /// <param name="previous">The table that the members act by until now.</param>
    /// <param name="present">One bit for each member of the new view.</param>
    /// <param name="powersByGroup">For each group the power of each node; 0 for who is absent or does not serve.</param>
    /// <param name="released">For each bucket the members that hold no connection of it any more; empty: none has released any.</param>
    /// <param name="pinned">Buckets that stay with their owner as long as it serves, whatever its share; empty: none.</param>
    public static BucketTable Next(
        BucketTable previous,
        UInt128 present,
        IReadOnlyList<int[]> powersByGroup,
        ReadOnlySpan<UInt128> released = default,
        ReadOnlySpan<bool> pinned = default)
    {
        byte[] owners = previous.Owners.ToArray();
        UInt128[] formers = previous.Formers.ToArray();
        for (int bucket = 0; bucket < formers.Length; bucket++)
            formers[bucket] &= released.IsEmpty ? present : present & ~released[bucket];
        for (int group = 0; group < powersByGroup.Count; group++)
        {
            int start = group * Limits.BucketsPerGroup;
            AssignGroup(
                owners.AsSpan(start, Limits.BucketsPerGroup),
                formers.AsSpan(start, Limits.BucketsPerGroup),
                present,
                pinned.IsEmpty ? pinned : pinned.Slice(start, Limits.BucketsPerGroup),
                powersByGroup[group]);
        }

        return new BucketTable(powersByGroup.Count, owners, formers);
    }

    /// <summary>Members that may hold connections of any bucket, whatever the table knows: after a partition, or a restart.</summary>
    public static BucketTable WithMergedHolders(BucketTable table, UInt128 merged)
    {
        if (merged == UInt128.Zero)
            return table;
        UInt128[] formers = table.Formers.ToArray();
        for (int bucket = 0; bucket < formers.Length; bucket++)
            formers[bucket] |= merged & ~BitOf(table.Owners[bucket]);
        return new BucketTable(table.Groups, table.Owners.ToArray(), formers);
    }

    private static void AssignGroup(
        Span<byte> owners, Span<UInt128> formers, UInt128 present, ReadOnlySpan<bool> pinned, int[] powers)
    {
        Span<int> held = stackalloc int[powers.Length];
        for (int bucket = 0; bucket < owners.Length; bucket++)
        {
            if ((present & BitOf(owners[bucket])) == UInt128.Zero)
                owners[bucket] = BucketTable.Nobody;
            else if (owners[bucket] < powers.Length)
                held[owners[bucket]]++;
        }

        int[] quotas = BucketQuotas.Compute(powers, held);
        ReturnToFormers(owners, formers, held, quotas, pinned, powers);
        MoveSurplus(owners, formers, held, quotas, pinned, powers);
    }

    /// <summary>A bucket that must move goes back to a former holder, if one lacks buckets: its connections are there.</summary>
    private static void ReturnToFormers(
        Span<byte> owners, Span<UInt128> formers, Span<int> held, int[] quotas, ReadOnlySpan<bool> pinned, int[] powers)
    {
        for (int bucket = 0; bucket < owners.Length; bucket++)
        {
            if (formers[bucket] == UInt128.Zero || !MustMove(bucket, owners, held, quotas, pinned, powers))
                continue;
            for (byte former = 0; former < quotas.Length; former++)
            {
                if ((formers[bucket] & BitOf(former)) == UInt128.Zero || held[former] >= quotas[former])
                    continue;
                Move(bucket, former, owners, formers, held);
                break;
            }
        }
    }

    private static bool MustMove(
        int bucket, ReadOnlySpan<byte> owners, ReadOnlySpan<int> held, int[] quotas, ReadOnlySpan<bool> pinned, int[] powers)
    {
        byte owner = owners[bucket];
        if (owner == BucketTable.Nobody)
            return true;
        bool stays = !pinned.IsEmpty && pinned[bucket] && powers[owner] > 0;
        return held[owner] > quotas[owner] && !stays;
    }

    private static void MoveSurplus(
        Span<byte> owners, Span<UInt128> formers, Span<int> held, int[] quotas, ReadOnlySpan<bool> pinned, int[] powers)
    {
        int taker = NextTaker(0, held, quotas);
        for (int bucket = 0; bucket < owners.Length; bucket++)
        {
            byte owner = owners[bucket];
            if (!MustMove(bucket, owners, held, quotas, pinned, powers))
                continue;
            if (taker < 0)
            {
                // Only when every power is 0: the bucket is given up, but its holder is remembered.
                if (owner != BucketTable.Nobody)
                    Move(bucket, BucketTable.Nobody, owners, formers, held);
                continue;
            }

            Move(bucket, (byte)taker, owners, formers, held);
            taker = NextTaker(taker + 1, held, quotas);
        }
    }

    /// <summary>Takers take turns, so that what one node loses is spread over all the others evenly.</summary>
    private static int NextTaker(int from, ReadOnlySpan<int> held, int[] quotas)
    {
        for (int i = 0; i < quotas.Length; i++)
        {
            int node = (from + i) % quotas.Length;
            if (held[node] < quotas[node])
                return node;
        }

        return -1;
    }

    private static void Move(int bucket, byte to, Span<byte> owners, Span<UInt128> formers, Span<int> held)
    {
        byte from = owners[bucket];
        if (from != BucketTable.Nobody)
            held[from]--;
        formers[bucket] = (formers[bucket] | BitOf(from)) & ~BitOf(to);
        owners[bucket] = to;
        if (to != BucketTable.Nobody)
            held[to]++;
    }

    private static UInt128 BitOf(byte node) => node < Limits.NodesMax ? UInt128.One << node : UInt128.Zero;
}
