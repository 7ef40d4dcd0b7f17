using System.Runtime.CompilerServices;
using SafeKit.Core;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_routes</c>: the owners of all buckets, then the former owners; numbers of nodes.</summary>
[InlineArray(Limits.RouteHolders * Limits.BucketsPerGroup)]
internal struct RoutesEntry
{
    private byte _first;
}
