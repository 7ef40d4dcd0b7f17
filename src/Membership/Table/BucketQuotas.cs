using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// How many buckets each node gets: exact proportional shares by largest remainder, so that equal powers
/// differ by one bucket at most. Ties prefer who holds more already (fewer moves), then the lower node.
/// Who is outranked by <see cref="Limits.PowerChainStep"/> or more gets none.
/// </summary>
public static class BucketQuotas
{
    /// <param name="given">For each node its power; 0 for who is absent or does not serve.</param>
    /// <param name="held">For each node the buckets that it holds so far.</param>
    public static int[] Compute(ReadOnlySpan<int> given, ReadOnlySpan<int> held)
    {
        int[] powers = WithoutOutranked(given);
        int[] quotas = new int[powers.Length];
        long sum = 0;
        foreach (int power in powers)
            sum += power;
        if (sum == 0)
            return quotas;

        var claims = new List<(long Remainder, int Surplus, int Node)>();
        int left = Limits.BucketsPerGroup;
        for (int node = 0; node < powers.Length; node++)
        {
            long share = (long)Limits.BucketsPerGroup * powers[node];
            quotas[node] = (int)(share / sum);
            left -= quotas[node];
            if (share % sum != 0)
                claims.Add((share % sum, held[node] - quotas[node], node));
        }

        claims.Sort(static (a, b) =>
            a.Remainder != b.Remainder ? b.Remainder.CompareTo(a.Remainder)
            : a.Surplus != b.Surplus ? b.Surplus.CompareTo(a.Surplus)
            : a.Node.CompareTo(b.Node));
        Invariant.That(left <= claims.Count, "the remainders add up to whole buckets");
        for (int i = 0; i < left; i++)
            quotas[claims[i].Node]++;
        return quotas;
    }

    /// <summary>The chain: only who serves counts, so that the next link takes over when all above it have gone.</summary>
    private static int[] WithoutOutranked(ReadOnlySpan<int> powers)
    {
        int highest = 0;
        foreach (int power in powers)
            highest = Math.Max(highest, power);
        int[] sharing = powers.ToArray();
        foreach (ref int power in sharing.AsSpan())
        {
            if ((long)power * Limits.PowerChainStep <= highest)
                power = 0;
        }

        return sharing;
    }
}
