using System.Runtime.CompilerServices;
using SafeKit.Core;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_rows</c>: one <see cref="RowFlags"/> per bucket.</summary>
[InlineArray(Limits.BucketsPerGroup)]
internal struct RowsEntry
{
    private byte _first;
}
