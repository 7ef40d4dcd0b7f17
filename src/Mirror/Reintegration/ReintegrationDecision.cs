namespace SafeKit.Mirror.Reintegration;

/// <summary>How a node that has connected is brought up to date, or why it is refused.</summary>
/// <param name="Remedy">Empty: accepted. Else refused, and this is what an administrator types.</param>
/// <param name="FirstSequence">First operation that it gets.</param>
/// <param name="KeepsMap">The file ids that it knows stay valid.</param>
/// <param name="Rule">Name of the rule, for the log.</param>
public sealed record ReintegrationDecision(ReintegrationKind Kind, ulong FirstSequence, bool KeepsMap, string Rule, string Remedy = "")
{
    public bool IsRefused => Remedy.Length > 0;
}
