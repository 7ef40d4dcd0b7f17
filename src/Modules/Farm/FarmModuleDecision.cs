namespace SafeKit.Modules;

/// <summary>What a machine decided: the next state, and what to do for it.</summary>
public sealed record FarmModuleDecision(FarmModuleState State, IReadOnlyList<ModuleAction> Actions);
