namespace SafeKit.Modules;

/// <summary>What the machine decided: the next state, and what to do for it.</summary>
public sealed record MirrorModuleDecision(MirrorModuleState State, IReadOnlyList<MirrorAction> Actions);
