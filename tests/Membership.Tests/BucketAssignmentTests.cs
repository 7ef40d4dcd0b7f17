using SafeKit.Core;

namespace SafeKit.Membership.Tests;

public sealed class BucketAssignmentTests
{
    private const byte Nobody = BucketTable.Nobody;

    private static UInt128 Node0 => UInt128.One;

    private static UInt128 Node1 => UInt128.One << 1;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(128)]
    public void EqualPowersDifferByOneBucketAtMost(int nodes)
    {
        BucketTable table = Next(BucketTable.Empty(1), Ones(nodes));
        int[] counts = Counts(table, nodes);
        Assert.Equal(Limits.BucketsPerGroup, counts.Sum());
        Assert.True(counts.Max() - counts.Min() <= 1);
    }

    [Fact]
    public void PowersAreProportional()
    {
        BucketTable table = Next(BucketTable.Empty(1), [3, 1, 1]);
        int[] counts = Counts(table, 3);
        Assert.Equal(2458, counts[0]);
        Assert.Equal(819, counts[1]);
        Assert.Equal(819, counts[2]);
        Assert.Equal(0, Counts(Next(table, [1, 0, 1]), 3)[1]);
    }

    /// <summary>Powers of those who serve, 0 for who is away: proportional, and from 64 times on a chain.</summary>
    [Theory]
    [InlineData("1", "4096")]
    [InlineData("1 1", "2048 2048")]
    [InlineData("3 1 1", "2458 819 819")]
    [InlineData("1 0 1", "2048 0 2048")]
    [InlineData("0 0", "0 0")]
    [InlineData("63 1", "4032 64")]
    [InlineData("64 1", "4096 0")]
    [InlineData("127 2", "4032 64")]
    [InlineData("128 2", "4096 0")]
    [InlineData("4096 64 1", "4096 0 0")]
    [InlineData("0 64 1", "0 4096 0")]
    [InlineData("0 0 1", "0 0 4096")]
    [InlineData("1 64 64 1", "0 2048 2048 0")]
    [InlineData("0 0 64 1", "0 0 4096 0")]
    [InlineData("1 0 0 1", "2048 0 0 2048")]
    [InlineData("100 50 1", "2731 1365 0")]
    [InlineData("0 50 1", "0 4016 80")]
    [InlineData("1073741824 16777216 262144", "4096 0 0")]
    [InlineData("1073741824 1073741824 16777217", "2032 2032 32")]
    public void SharesFollowTheTableOfPowers(string powers, string buckets)
    {
        int[] numbers = [.. powers.Split(' ').Select(int.Parse)];
        BucketTable table = Next(BucketTable.Empty(1), numbers);
        Assert.Equal(buckets, string.Join(' ', Counts(table, numbers.Length)));
    }

    [Fact]
    public void AChainMovesWithWhoIsThere()
    {
        BucketTable all = Next(BucketTable.Empty(1), [4096, 64, 1]);
        BucketTable second = Next(all, [0, 64, 1], absent: 0);
        Assert.Equal([0, 4096, 0], Counts(second, 3));

        // The first is back: everything is its again, and the connections that stay on the second are remembered.
        BucketTable back = Next(second, [4096, 64, 1]);
        Assert.Equal([4096, 0, 0], Counts(back, 3));
        Assert.Equal(Limits.BucketsPerGroup, back.Formers.Count(Node1));
    }

    [Fact]
    public void WithoutAnyPowerNobodyOwns()
    {
        BucketTable table = Next(Next(BucketTable.Empty(1), [1, 1]), [0, 0]);
        Assert.Equal(Limits.BucketsPerGroup, table.Owners.Count(Nobody));
        Assert.False(table.Formers.Contains(UInt128.Zero));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(128)]
    public void OnlyTheBucketsOfALostNodeMove(int nodes)
    {
        BucketTable before = Next(BucketTable.Empty(1), Ones(nodes));
        int[] powers = Ones(nodes);
        powers[1] = 0;
        BucketTable after = Next(before, powers, absent: 1);
        for (int bucket = 0; bucket < Limits.BucketsPerGroup; bucket++)
        {
            if (before.Owners[bucket] != 1)
                Assert.Equal(before.Owners[bucket], after.Owners[bucket]);
            Assert.Equal(UInt128.Zero, after.Formers[bucket]);
        }

        BucketTable returned = Next(after, Ones(nodes));
        for (int bucket = 0; bucket < Limits.BucketsPerGroup; bucket++)
        {
            if (returned.Owners[bucket] != after.Owners[bucket])
                Assert.Equal(1, returned.Owners[bucket]);
        }
    }

    [Fact]
    public void AMoveRemembersTheHolderUntilItLeavesOrIsDrained()
    {
        BucketTable off = Next(Next(BucketTable.Empty(1), [1, 1]), [0, 1]);
        Assert.Equal(2048, off.Formers.Count(Node0));
        Assert.Equal(0, Next(off, [0, 1], absent: 0).Formers.Count(Node0));
        UInt128[] released = new UInt128[Limits.BucketsPerGroup];
        released.AsSpan(0, 100).Fill(Node0);
        int left = off.Formers[100..].Count(Node0);
        Assert.Equal(left, BucketAssignment.Next(off, 3, [[0, 1]], released).Formers.Count(Node0));

        // Back again: now the other one may hold connections.
        BucketTable on = Next(off, [1, 1]);
        Assert.Equal(0, on.Formers.Count(Node0));
        Assert.Equal(2048, on.Formers.Count(Node1));
    }

    [Fact]
    public void SeveralMovesInARowRememberEveryHolder()
    {
        BucketTable table = Next(Next(Next(BucketTable.Empty(1), [1, 0, 0]), [0, 1, 0]), [0, 0, 1]);
        Assert.Equal(Limits.BucketsPerGroup, table.Formers.Count(Node0 | Node1));
        Assert.Equal(Limits.BucketsPerGroup, Next(table, [0, 0, 1], absent: 0).Formers.Count(Node1));
    }

    [Fact]
    public void ABusyBucketStaysWithAnOwnerThatServes()
    {
        BucketTable one = Next(BucketTable.Empty(1), [1, 0]);
        bool[] pinned = new bool[Limits.BucketsPerGroup];
        pinned.AsSpan(0, 3000).Fill(true);
        BucketTable two = BucketAssignment.Next(one, 3, [[1, 1]], default, pinned);
        Assert.Equal(3000, two.CountOf(0, new NodeId(0)));
        Assert.Equal(-1, two.Owners[..3000].IndexOfAnyExcept((byte)0));

        // Whoever does not serve keeps nothing.
        Assert.Equal(0, BucketAssignment.Next(two, 3, [[0, 1]], default, pinned).CountOf(0, new NodeId(0)));
    }

    [Fact]
    public void ABucketThatMustMoveGoesBackToItsFormerHolder()
    {
        BucketTable all = Next(BucketTable.Empty(1), [1, 1, 1]);
        BucketTable off = Next(all, [0, 1, 1]);
        BucketTable on = Next(off, [1, 1, 1]);
        int elsewhere = Enumerable.Range(0, Limits.BucketsPerGroup).Count(bucket => all.Owners[bucket] != on.Owners[bucket]);
        Assert.True(elsewhere <= 1, "but for the odd bucket, which who stayed may keep");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnySequenceOfChangesMovesTheFewest(int seed)
    {
        var random = new Random(seed);
        const int Nodes = 9;
        BucketTable table = BucketTable.Empty(1);
        for (int step = 0; step < 200; step++)
        {
            UInt128 present = UInt128.Zero;
            int[] powers = new int[Nodes];
            for (int node = 0; node < Nodes; node++)
            {
                if (random.Next(4) == 0)
                    continue;
                present |= UInt128.One << node;
                powers[node] = random.Next(3) == 0 ? random.Next(5) : 1;
            }

            BucketTable next = BucketAssignment.Next(table, present, [powers]);
            CheckFewestAndExact(table, next, present, powers);
            table = next;
        }
    }

    private static void CheckFewestAndExact(BucketTable before, BucketTable after, UInt128 present, int[] powers)
    {
        int[] held = Counts(before, powers.Length);
        int[] counts = Counts(after, powers.Length);
        int moved = 0;
        int necessary = 0;
        long sum = powers.Sum();
        for (int node = 0; node < powers.Length; node++)
        {
            double exact = sum == 0 ? 0 : (double)Limits.BucketsPerGroup * powers[node] / sum;
            Assert.True(Math.Abs(counts[node] - exact) < 1);
            if ((present >> node & 1) != 0)
                necessary += Math.Max(0, held[node] - counts[node]);
        }

        for (int bucket = 0; bucket < Limits.BucketsPerGroup; bucket++)
        {
            byte from = before.Owners[bucket];
            bool stays = from != Nobody && (present >> from & 1) != 0;
            moved += stays && after.Owners[bucket] != from ? 1 : 0;
            byte owner = after.Owners[bucket];
            Assert.True(owner == Nobody || (after.Formers[bucket] >> owner & UInt128.One) == UInt128.Zero);
        }

        Assert.Equal(necessary, moved);
    }

    private static BucketTable Next(BucketTable table, int[] powers, int absent = -1)
    {
        UInt128 present = powers.Length == 128 ? UInt128.MaxValue : (UInt128.One << powers.Length) - 1;
        if (absent >= 0)
            present &= ~(UInt128.One << absent);
        return BucketAssignment.Next(table, present, [powers]);
    }

    private static int[] Ones(int nodes) => [.. Enumerable.Repeat(1, nodes)];

    private static int[] Counts(BucketTable table, int nodes) =>
        [.. Enumerable.Range(0, nodes).Select(node => table.CountOf(0, new NodeId((byte)node)))];
}
