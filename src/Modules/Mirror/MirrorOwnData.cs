namespace SafeKit.Modules;

/// <summary>What this node's record says.</summary>
/// <param name="WasPrimary">It led when the record was written: <c>defaultprim="lastprim"</c> asks for it.</param>
public sealed record MirrorOwnData(MirrorDataStanding Standing, bool WasPrimary);
