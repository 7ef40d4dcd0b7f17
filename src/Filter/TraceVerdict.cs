namespace SafeKit.Filter;

/// <summary>What the filter says of a packet: verdict, reason, and the cell of the table that decided.</summary>
/// <param name="Reason">The rule of the filter that decided.</param>
/// <param name="Group">Number of the group in the plan; null if the packet did not get that far.</param>
/// <param name="Bucket">Bucket in the group; null if the packet did not get that far.</param>
/// <param name="Next">Number of the node that it is sent on to; null if it is not.</param>
public sealed record TraceVerdict(FilterReason Reason, int? Group, int? Bucket, int? Next = null)
{
    public FilterVerdict Verdict => Reason.Verdict();
}
