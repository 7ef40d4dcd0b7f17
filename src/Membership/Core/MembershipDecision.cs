using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>One decision for the log: the rule that made it, and the inputs in words.</summary>
public readonly record struct MembershipDecision(string Rule, string Text)
{
    public override string ToString() => Text.Length == 0 ? $"rule={Rule}" : $"rule={Rule} {Text}";
}
