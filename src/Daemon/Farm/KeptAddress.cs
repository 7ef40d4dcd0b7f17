namespace SafeKit.Daemon.Farm;

/// <summary>A virtual address of a <see cref="KeptPart"/>.</summary>
public sealed record KeptAddress(
    string Address, string Interface, string VirtualMac, bool IsDirected, int Self, bool AnswersSyns, IReadOnlyList<KeptRule> Rules);
