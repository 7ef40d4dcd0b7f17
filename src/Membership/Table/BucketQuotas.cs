using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// How many buckets each node gets: exact proportional shares by largest remainder, so that equal powers
/// differ by one bucket at most. Ties prefer who holds more already (fewer moves), then the lower node.
/// </summary>
public static class BucketQuotas
{
    public static int[] Compute(ReadOnlySpan<int> powers, ReadOnlySpan<int> held)
    {
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
}
