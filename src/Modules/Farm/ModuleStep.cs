namespace SafeKit.Modules;

/// <summary>One step of a transition. The machine performs steps until one has to wait.</summary>
internal abstract record ModuleStep
{
    private ModuleStep()
    {
    }

    public sealed record Become(ModuleState State, ModuleStatus Status) : ModuleStep;

    public sealed record Script(ModuleAction.RunScript Run) : ModuleStep;

    /// <summary>Something to do that needs no answer.</summary>
    public sealed record Do(ModuleAction Action) : ModuleStep;

    public sealed record JoinMembership : ModuleStep;

    public sealed record LeaveMembership : ModuleStep;

    public sealed record OpenTraffic(TrafficOpening Moment) : ModuleStep;

    /// <summary>
    /// Close the traffic and wait until it has gone elsewhere: before the stop script; or after it, where scripts control the traffic and
    /// this one has left it open.
    /// </summary>
    public sealed record ReleaseTraffic(bool AfterStop) : ModuleStep;

    public sealed record ForgetResources(CheckerWhen When) : ModuleStep;

    /// <summary>Wait until every checker that guards the start is up.</summary>
    public sealed record AwaitResources : ModuleStep;

    /// <summary>Start again after a stop.</summary>
    public sealed record Begin : ModuleStep;
}
