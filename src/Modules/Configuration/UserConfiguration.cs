namespace SafeKit.Modules;

/// <summary>What a module's <c>userconfig.xml</c> says, after macro expansion.</summary>
public sealed record UserConfiguration(
    ServiceConfiguration Service,
    FarmConfiguration? Farm,
    VipConfiguration? Vip,
    UserScriptsConfiguration? User,
    CheckersConfiguration Checkers,
    IReadOnlyDictionary<string, string> Macros,
    ulong Signature)
{
    /// <summary>Mirror modules only.</summary>
    public HeartConfiguration? Heart { get; init; }

    /// <summary>Mirror modules only; null: nothing is replicated.</summary>
    public ReplicationConfiguration? Replication { get; init; }
}
