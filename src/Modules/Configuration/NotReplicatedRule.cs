namespace SafeKit.Modules;

/// <summary>One <c>&lt;notreplicated&gt;</c>: a path below the directory and all below it, or a regular expression over the relative path.</summary>
/// <param name="Pattern">Without a leading <c>!</c>.</param>
/// <param name="Negated">With <c>!</c>: what matches is replicated although an earlier rule excludes it.</param>
public sealed record NotReplicatedRule(string Pattern, bool IsRegularExpression, bool Negated, SourcePlace Place = default);
