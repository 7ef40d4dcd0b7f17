namespace SafeKit.Mirror.Generations;

/// <summary>Outcome of <see cref="GenerationComparison.Compare"/>.</summary>
/// <param name="Ancestor">Newest chapter that both had; <see cref="Guid.Empty"/>: none is known.</param>
/// <param name="Rule">Name of the rule, for the log.</param>
public readonly record struct GenerationVerdict(GenerationRelation Relation, Guid Ancestor, string Rule);
