using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>A load-balancing rule of one address; the first that matches decides.</summary>
/// <param name="Protocol">Protocol.</param>
/// <param name="Port">Destination port; null for any.</param>
/// <param name="Input">What is hashed.</param>
/// <param name="Group">Number of the group in the plan.</param>
public sealed record FilterRule(RuleProtocol Protocol, ushort? Port, HashInput Input, int Group)
{
    /// <summary>Whether the filter notes when a bucket was last used through this rule.</summary>
    public bool NotesActivity { get; init; }
}
