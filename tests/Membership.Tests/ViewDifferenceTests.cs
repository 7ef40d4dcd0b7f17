using SafeKit.Core;

namespace SafeKit.Membership.Tests;

public sealed class ViewDifferenceTests
{
    private const int Nodes = 5;

    public static TheoryData<int, int> Changes => new() { { 1, 0 }, { 1, 1 }, { 2, 40 }, { 3, 4096 }, { 64, 2000 } };

    [Theory]
    [MemberData(nameof(Changes))]
    public void ADifferenceMakesTheViewThatWasMeant(int groups, int changes)
    {
        View from = Scattered(groups, 1, seed: 1);
        View to = Changed(from, changes, seed: 2);
        View? made = ViewDifference.Apply(ViewDifference.Encode(from, to)!, from, out string refusal);
        Assert.Equal("", refusal);
        Assert.Equal(ViewCodec.Encode(to), ViewCodec.Encode(made!));
        Assert.Equal(to.Digest, made!.Digest);
    }

    [Fact]
    public void WhoHoldsNothingIsToldEverything()
    {
        View to = Scattered(3, 4, seed: 3);
        View? made = ViewDifference.Apply(ViewDifference.Encode(View.Nothing(3), to)!, View.Nothing(3), out _);
        Assert.Equal(ViewCodec.Encode(to), ViewCodec.Encode(made!));
    }

    /// <summary>Groups with the same powers and the same history have the same table, which is told once.</summary>
    [Fact]
    public void GroupsThatAreEqualCostAFewBytes()
    {
        int[] powers = [.. Enumerable.Repeat(1, Nodes)];
        View of64 = new(new ViewId(1, new NodeId(0), 1), Members, BucketAssignment.Next(BucketTable.Empty(64), 31, [.. Enumerable.Repeat(powers, 64)]));
        View of1 = new(new ViewId(1, new NodeId(0), 1), Members, BucketAssignment.Next(BucketTable.Empty(1), 31, [powers]));
        int more = ViewDifference.Encode(View.Nothing(64), of64)!.Length - ViewDifference.Encode(View.Nothing(1), of1)!.Length;
        Assert.Equal(63 * 2, more);
    }

    [Fact]
    public void ADifferenceOfOtherGroupsIsNotMade() => Assert.Null(ViewDifference.Encode(Scattered(1, 1, 1), Scattered(2, 2, 1)));

    [Fact]
    public void AnotherBaseIsRefused()
    {
        View from = Scattered(2, 1, seed: 1);
        byte[] bytes = ViewDifference.Encode(from, Changed(from, 9, seed: 2))!;
        // Another view by name, and one of the same name with one other bucket: a mistake of this node or the other.
        Assert.Null(ViewDifference.Apply(bytes, Scattered(2, 7, seed: 1), out string otherName));
        Assert.Contains("base 1.n0", otherName, StringComparison.Ordinal);
        View damaged = new(from.Id, from.Members, Changed(from, 1, seed: 5).Table);
        Assert.Null(ViewDifference.Apply(bytes, damaged, out string otherContent));
        Assert.Contains("is held as 1.n0", otherContent, StringComparison.Ordinal);
    }

    [Fact]
    public void ADifferenceThatMakesSomethingElseIsRefused()
    {
        View from = Scattered(1, 1, seed: 1);
        byte[] bytes = ViewDifference.Encode(from, Changed(from, 1, seed: 2))!;
        const int DigestOfResult = ViewId.Size + 8;
        bytes[DigestOfResult] ^= 1;
        Assert.Null(ViewDifference.Apply(bytes, from, out string refusal));
        Assert.Contains("the result's digest", refusal, StringComparison.Ordinal);
    }

    /// <summary>Nodes of different releases must understand each other.</summary>
    [Fact]
    public void TheBytesOfADifferenceAreFrozen()
    {
        View from = new(new ViewId(5, new NodeId(0), 6), [new ViewMember(new NodeId(0), 6, true)], BucketTable.Empty(1));
        byte[] owners = from.Table.Owners.ToArray();
        var formers = new UInt128[owners.Length];
        owners.AsSpan(300, 2).Fill(1);
        formers[300] = formers[301] = UInt128.One;
        View to = new(new ViewId(7, new NodeId(0), 6), from.Members, new BucketTable(1, owners, formers));
        const string Life = "0600000000000000";
        const string Frozen = "0500000000000000" + "00" + Life + "848464C9E0AB46C4" + "08961BF736913E32"
            + "0700000000000000" + "00" + Life + "01" + "00" + Life + "01"
            + "0100" + "01000000000000000000000000000000" + "01" + "00" + "01" + "AC02" + "02" + "01" + "00";
        Assert.Equal(Frozen, Convert.ToHexString(ViewDifference.Encode(from, to)!));
    }

    /// <summary>Whatever a difference says, it never makes a view that nobody meant, and never harms.</summary>
    [Fact]
    public void MutatedDifferencesAreRefused()
    {
        View from = Scattered(2, 1, seed: 1);
        View to = Changed(from, 30, seed: 2);
        byte[] bytes = ViewDifference.Encode(from, to)!;
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutated = [.. bytes];
            for (int change = random.Next(1, 6); change > 0; change--)
                mutated[random.Next(mutated.Length)] ^= (byte)random.Next(1, 256);
            int length = random.Next(2) == 0 ? mutated.Length : random.Next(mutated.Length);
            View? made = ViewDifference.Apply(mutated.AsSpan(0, length), from, out string refusal);
            // Bytes that say the same in another way may pass.
            Assert.True(made is null ? refusal.Length > 0 : made.Digest == to.Digest);
            _ = ViewDifference.Apply(mutated.AsSpan(0, length), from, isChecked: false, out _);
        }
    }

    private static ViewMember[] Members => [.. Enumerable.Range(0, Nodes).Select(n => new ViewMember(new NodeId((byte)n), (ulong)n + 1, true))];

    private static View Scattered(int groups, ulong counter, int seed)
    {
        var random = new Random(seed);
        byte[] owners = new byte[groups * Limits.BucketsPerGroup];
        var formers = new UInt128[owners.Length];
        for (int i = 0; i < owners.Length; i++)
            Draw(random, i, owners, formers);
        return new View(new ViewId(counter, new NodeId(0), 1), Members, new BucketTable(groups, owners, formers));
    }

    private static View Changed(View from, int changes, int seed)
    {
        var random = new Random(seed);
        byte[] owners = from.Table.Owners.ToArray();
        UInt128[] formers = from.Table.Formers.ToArray();
        for (int i = 0; i < changes; i++)
        {
            int bucket = random.Next(owners.Length);
            owners[bucket] = (byte)((owners[bucket] + 1) % Nodes);
            formers[bucket] = UInt128.One << ((owners[bucket] + 1) % Nodes);
        }

        return new View(from.Id with { Counter = from.Id.Counter + 1 }, Members[1..], new BucketTable(from.Table.Groups, owners, formers));
    }

    private static void Draw(Random random, int bucket, byte[] owners, UInt128[] formers)
    {
        owners[bucket] = (byte)random.Next(Nodes);
        formers[bucket] = random.Next(3) == 0 ? (UInt128)random.Next(1 << Nodes) & ~(UInt128.One << owners[bucket]) : UInt128.Zero;
    }
}
