namespace SafeKit.Modules;

/// <summary>
/// Attributes of <c>&lt;service&gt;</c>. A <see cref="LoopInterval"/> of zero switches the loop counter off.
/// </summary>
public sealed record ServiceConfiguration(
    ServiceMode Mode,
    BootMode Boot,
    TimeSpan BootDelay,
    int MaxLoop,
    TimeSpan LoopInterval,
    bool AutomaticReboot,
    bool Failover,
    string DefaultPrim,
    SourcePlace Place = default);
