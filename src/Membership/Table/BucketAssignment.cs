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
    /// <param name="drained">Members that hold no connection any more in buckets they owned before.</param>
    public static BucketTable Next(
        BucketTable previous, UInt128 present, IReadOnlyList<int[]> powersByGroup, UInt128 drained = default)
    {
        byte[] owners = previous.Owners.ToArray();
        byte[] formers = previous.Formers.ToArray();
        for (int group = 0; group < powersByGroup.Count; group++)
        {
            int start = group * Limits.BucketsPerGroup;
            AssignGroup(
                owners.AsSpan(start, Limits.BucketsPerGroup),
                formers.AsSpan(start, Limits.BucketsPerGroup),
                present,
                present & ~drained,
                powersByGroup[group]);
        }

        return new BucketTable(powersByGroup.Count, owners, formers);
    }

    /// <summary>
    /// After a partition a member that served alone may hold connections of any bucket: where no other former holder
    /// is remembered, it is.
    /// </summary>
    public static BucketTable WithMergedHolders(BucketTable table, UInt128 merged)
    {
        if (merged == UInt128.Zero)
            return table;
        byte[] formers = table.Formers.ToArray();
        byte lowest = (byte)UInt128.TrailingZeroCount(merged);
        for (int bucket = 0; bucket < formers.Length; bucket++)
        {
            if (formers[bucket] == BucketTable.Nobody && table.Owners[bucket] != lowest)
                formers[bucket] = lowest;
        }

        return new BucketTable(table.Groups, table.Owners.ToArray(), formers);
    }

    private static void AssignGroup(
        Span<byte> owners, Span<byte> formers, UInt128 present, UInt128 holding, int[] powers)
    {
        Span<int> held = stackalloc int[powers.Length];
        for (int bucket = 0; bucket < owners.Length; bucket++)
        {
            if (!IsPresent(holding, formers[bucket]))
                formers[bucket] = BucketTable.Nobody;
            if (!IsPresent(present, owners[bucket]))
                owners[bucket] = BucketTable.Nobody;
            else if (owners[bucket] < powers.Length)
                held[owners[bucket]]++;
        }

        int[] quotas = BucketQuotas.Compute(powers, held);
        ReturnToFormers(owners, formers, held, quotas);
        MoveSurplus(owners, formers, held, quotas);
    }

    /// <summary>A bucket that must move goes back to its former holder, if that one lacks buckets: its connections are there.</summary>
    private static void ReturnToFormers(Span<byte> owners, Span<byte> formers, Span<int> held, int[] quotas)
    {
        for (int bucket = 0; bucket < owners.Length; bucket++)
        {
            byte former = formers[bucket];
            byte owner = owners[bucket];
            if (former == BucketTable.Nobody || held[former] >= quotas[former])
                continue;
            if (owner == BucketTable.Nobody || held[owner] > quotas[owner])
                Move(bucket, former, owners, formers, held);
        }
    }

    private static void MoveSurplus(Span<byte> owners, Span<byte> formers, Span<int> held, int[] quotas)
    {
        int taker = NextTaker(0, held, quotas);
        for (int bucket = 0; bucket < owners.Length; bucket++)
        {
            byte owner = owners[bucket];
            if (owner != BucketTable.Nobody && held[owner] <= quotas[owner])
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

    private static void Move(int bucket, byte to, Span<byte> owners, Span<byte> formers, Span<int> held)
    {
        byte from = owners[bucket];
        bool back = formers[bucket] == to;
        if (from != BucketTable.Nobody)
        {
            held[from]--;
            formers[bucket] = from;
        }
        else if (back)
        {
            formers[bucket] = BucketTable.Nobody;
        }

        owners[bucket] = to;
        if (to != BucketTable.Nobody)
            held[to]++;
    }

    private static bool IsPresent(UInt128 present, byte node) =>
        node < Limits.NodesMax && (present >> node & UInt128.One) != UInt128.Zero;
}
