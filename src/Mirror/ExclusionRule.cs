namespace SafeKit.Mirror;

/// <summary><c>&lt;notreplicated&gt;</c>: a path (and all below it) or a regular expression over the path relative to the directory.</summary>
/// <param name="Pattern">Without a leading <c>!</c>.</param>
/// <param name="Negated">With <c>!</c>: what matches is replicated although an earlier rule excludes it.</param>
public sealed record ExclusionRule(string Pattern, bool IsRegularExpression, bool Negated);
