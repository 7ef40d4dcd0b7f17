namespace SafeKit.Core.Control;

/// <summary>One node of the farm, seen from the node that answers.</summary>
/// <param name="HeardAgoMs">Age of its newest heartbeat; null if none was ever heard.</param>
/// <param name="Percent">Its share of the first group in the active view.</param>
public sealed record MemberState(string Node, bool Member, bool Serving, double? HeardAgoMs, double Percent);
