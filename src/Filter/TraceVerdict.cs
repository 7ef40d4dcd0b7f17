namespace SafeKit.Filter;

/// <summary>What the filter says of a packet: verdict, reason, and the cell of the table that decided.</summary>
/// <param name="Reason">The rule of the filter that decided.</param>
/// <param name="Group">Number of the group in the plan; null if the packet did not get that far.</param>
/// <param name="Bucket">Bucket in the group; null if the packet did not get that far.</param>
public sealed record TraceVerdict(FilterReason Reason, int? Group, int? Bucket)
{
    public FilterVerdict Verdict => Reason.Verdict();
}
