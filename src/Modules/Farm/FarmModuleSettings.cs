namespace SafeKit.Modules;

/// <summary>What a <see cref="FarmModuleMachine"/> takes from the configuration.</summary>
public sealed record FarmModuleSettings
{
    public int MaxLoop { get; init; } = 3;

    /// <summary>Zero switches the loop counter off.</summary>
    public TimeSpan LoopInterval { get; init; } = TimeSpan.FromHours(24);

    public bool ScriptControl { get; init; }

    /// <summary>Without <c>&lt;user&gt;</c> no script is run.</summary>
    public bool RunsScripts { get; init; } = true;

    /// <summary>False for a light module.</summary>
    public bool HasMembership { get; init; } = true;

    /// <summary>False without <c>&lt;vip&gt;</c>.</summary>
    public bool HasTraffic { get; init; } = true;

    public TrafficOpening Opening { get; init; } = TrafficOpening.BeforeStart;

    /// <summary>How long a stop waits for the share to be handed over and for connections to end.</summary>
    public TimeSpan ReleaseLimit { get; init; } = FarmConfiguration.DrainTimeoutDefault;

    public IReadOnlyList<FarmChecker> Checkers { get; init; } = [];

    public static FarmModuleSettings From(UserConfiguration configuration) => new()
    {
        MaxLoop = configuration.Service.MaxLoop,
        LoopInterval = configuration.Service.LoopInterval,
        ScriptControl = configuration.Vip?.ScriptControl ?? false,
        RunsScripts = configuration.User is not null,
        HasMembership = configuration.Service.Mode == ServiceMode.Farm,
        HasTraffic = configuration.Vip is not null,
        ReleaseLimit = configuration.Farm?.DrainTimeout ?? FarmConfiguration.DrainTimeoutDefault,
        Checkers =
        [
            .. configuration.Checkers.Tcp
                .Where(tcp => tcp.When != CheckerWhen.Second)
                .Select(tcp => new FarmChecker(tcp.Resource, tcp.Rule, tcp.When, tcp.Action)),
        ],
    };
}
