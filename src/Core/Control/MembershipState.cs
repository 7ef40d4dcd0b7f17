namespace SafeKit.Core.Control;

/// <summary>The farm's view as this node knows it.</summary>
/// <param name="AgeMs">How old these facts are.</param>
/// <param name="View">Identifier of the active view, empty before the first.</param>
/// <param name="LeaseMs">Time left in which this node may act without being acknowledged again.</param>
/// <param name="LeaseLengthMs">How long the others wait before they take over from a node that is not heard.</param>
/// <param name="AbsenceMs">How long this node's daemon may be away, or hang, without anybody's acting on it.</param>
/// <param name="LastRule">Rule of the last decision and its inputs.</param>
public sealed record MembershipState(
    double AgeMs,
    string View,
    string Leader,
    double LeaseMs,
    double LeaseLengthMs,
    double AbsenceMs,
    string LastRule,
    IReadOnlyList<MemberState> Nodes);
