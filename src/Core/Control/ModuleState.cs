namespace SafeKit.Core.Control;

/// <summary>One module on one node, in the words of reference section 2.1.</summary>
/// <param name="State">STOP, WAIT; UP (farm); ALONE, PRIM, SECOND (mirror).</param>
/// <param name="Status">NotReady, Transient or Ready.</param>
/// <param name="Rule">Rule that made the state what it is.</param>
/// <param name="ErrorText">What keeps the module from running, with the remedy; null when nothing does.</param>
/// <param name="Drain">Null unless the module is drained (safekit drain).</param>
/// <param name="Closed">Null unless the module's scripts keep its traffic closed (<c>scriptcontrol="on"</c>).</param>
/// <param name="Mirror">What only a mirror module has.</param>
public sealed record ModuleState(
    string Module,
    string Mode,
    int Id,
    string State,
    string Status,
    string Rule,
    string? ErrorText,
    string ConfigurationSignature,
    IReadOnlyList<GroupShare> Shares,
    MembershipState? Membership,
    IReadOnlyList<ResourceState> Resources,
    MirrorState? Mirror = null,
    DrainState? Drain = null,
    DrainState? Closed = null);
