using SafeKit.Core;
using SafeKit.Membership;

namespace SafeKit.Daemon.Farm;

/// <summary>From a table of the membership to the nodes that the filter sends packets on to.</summary>
public static class RouteTable
{
    /// <summary>Writes, per group, the owners of all buckets and then as often their former owners. Allocates nothing.</summary>
    public static void Write(BucketTable table, Span<byte> holders)
    {
        holders.Fill(BucketTable.Nobody);
        for (var group = 0; group < table.Groups; group++)
        {
            var own = holders.Slice(group * Limits.RouteHolders * Limits.BucketsPerGroup, Limits.RouteHolders * Limits.BucketsPerGroup);
            table.OwnersOf(group).CopyTo(own);
            WriteFormers(table.FormersOf(group), own[Limits.BucketsPerGroup..]);
        }
    }

    /// <summary>Of more former owners than there is room for, those with the lowest numbers: only after a merge can there be so many.</summary>
    private static void WriteFormers(ReadOnlySpan<UInt128> formers, Span<byte> holders)
    {
        for (var bucket = 0; bucket < formers.Length; bucket++)
        {
            var left = formers[bucket];
            for (var place = 0; place < Limits.RouteHolders - 1 && left != UInt128.Zero; place++)
            {
                holders[(place * Limits.BucketsPerGroup) + bucket] = (byte)UInt128.TrailingZeroCount(left);
                left &= left - 1;
            }
        }
    }
}
