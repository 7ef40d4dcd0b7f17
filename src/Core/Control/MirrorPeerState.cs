namespace SafeKit.Core.Control;

/// <summary>The other node of a mirror, as its heartbeats tell.</summary>
/// <param name="Presence">unknown, heard or lost.</param>
/// <param name="State">What it said last: STOP, WAIT, ALONE, PRIM, SECOND; UNKNOWN when it was never heard.</param>
/// <param name="HeardAgoMs">Age of its newest heartbeat; null if none was ever heard.</param>
/// <param name="Resources">Its resources as <c>name=value</c>.</param>
public sealed record MirrorPeerState(
    string Node,
    string Presence,
    string State,
    string Status,
    string Rule,
    bool UpToDate,
    bool SameConfiguration,
    double? HeardAgoMs,
    IReadOnlyList<string> Resources);
