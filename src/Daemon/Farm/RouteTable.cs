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
            table.FormersOf(group).CopyTo(own[Limits.BucketsPerGroup..]);
        }
    }
}
