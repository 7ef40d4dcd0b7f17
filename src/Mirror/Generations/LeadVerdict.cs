namespace SafeKit.Mirror.Generations;

/// <summary>Outcome of <see cref="LeadDecision"/>.</summary>
/// <param name="Rule">Name of the rule, for the log.</param>
/// <param name="Remedy">What the administrator can type; empty where nothing need be typed.</param>
public readonly record struct LeadVerdict(LeadAction Action, string Rule, string Remedy = "");
