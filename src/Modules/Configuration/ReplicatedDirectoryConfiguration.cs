namespace SafeKit.Modules;

/// <summary>One <c>&lt;replicated&gt;</c> directory.</summary>
/// <param name="Dir">Absolute, without a slash at its end.</param>
/// <param name="ToCheck">Relative paths that must exist before the module starts: a guard against a disk that is not mounted.</param>
public sealed record ReplicatedDirectoryConfiguration(
    string Dir,
    ReplicationWait Wait,
    IReadOnlyList<string> ToCheck,
    IReadOnlyList<NotReplicatedRule> NotReplicated,
    SourcePlace Place = default);
