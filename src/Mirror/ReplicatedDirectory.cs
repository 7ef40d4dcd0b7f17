namespace SafeKit.Mirror;

/// <summary>One <c>&lt;replicated&gt;</c> directory. On the secondary nobody but replication writes in it.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Wait">Which calls wait for the other node.</param>
/// <param name="NotReplicated">What is left to each node; paths relative to the directory.</param>
/// <param name="ToCheck">Names that must exist before the module starts: a guard against an unmounted disk.</param>
public sealed record ReplicatedDirectory(
    string Path,
    WaitPolicy Wait,
    IReadOnlyList<ExclusionRule> NotReplicated,
    IReadOnlyList<string> ToCheck)
{
    /// <summary>By what both nodes know that they mean the same directory.</summary>
    public string CommonName { get; init; } = Path;
}
