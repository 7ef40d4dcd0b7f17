namespace SafeKit.Daemon.Cluster;

/// <summary>Does the asked node hold one of these connections?</summary>
/// <param name="View">What both must have promised: under another view an answer says nothing.</param>
/// <param name="Connections">Client and server of each, as <c>address:port</c>.</param>
public sealed record HeldQuestion(string Module, string View, IReadOnlyList<HeldTuple> Connections);
