using System.Runtime.CompilerServices;
using SafeKit.Core;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_activity</c>: for each bucket of a group when it was last used, in coarse ticks; 0 for never.</summary>
[InlineArray(Limits.BucketsPerGroup)]
internal struct ActivityEntry
{
    private uint _first;
}
