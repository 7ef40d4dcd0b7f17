namespace SafeKit.Mirror.Generations;

/// <summary>What a starting node does with its data.</summary>
public enum LeadAction
{
    /// <summary>Neither: ask again when something changes.</summary>
    Wait,
    Lead,
    Follow,
}
