namespace SafeKit.Mirror;

/// <summary>One <c>&lt;replicated&gt;</c> directory.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Wait">Which calls wait for the other node.</param>
/// <param name="ReadOnlyOnSecondary">False with <c>mode="read_only"</c> switched off; the secondary's tree is protected by default.</param>
/// <param name="NotReplicated">What is left to each node; paths relative to the directory.</param>
/// <param name="ToCheck">Names that must exist before the module starts: a guard against an unmounted disk.</param>
public sealed record ReplicatedDirectory(
    string Path,
    WaitPolicy Wait,
    bool ReadOnlyOnSecondary,
    IReadOnlyList<ExclusionRule> NotReplicated,
    IReadOnlyList<string> ToCheck);
