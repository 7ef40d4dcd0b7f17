namespace SafeKit.Modules;

/// <summary>What the daemon shall do, in this order.</summary>
public abstract record ModuleAction
{
    private ModuleAction()
    {
    }

    /// <summary>
    /// Run a script and answer with <see cref="ModuleEvent.ScriptEnded"/>, also when there is none of that name.
    /// <see cref="ScriptRunner"/> puts <c>force</c> before the arguments.
    /// </summary>
    public sealed record RunScript(string Name, string From, string To, string Action, bool Force = false) : ModuleAction
    {
        public IReadOnlyList<string> Arguments { get; } = [From, To, Action];
    }

    /// <summary>Take this node's share.</summary>
    public sealed record OpenTraffic : ModuleAction;

    /// <summary>
    /// Hand this node's share to the others, as a planned move; answer with <see
    /// cref="ModuleEvent.TrafficReleased"/> and the same number: the answer to an earlier release may come late.
    /// </summary>
    public sealed record CloseTraffic(long Number) : ModuleAction;

    /// <summary>Join the farm's membership, without a share.</summary>
    public sealed record StartMembership : ModuleAction;

    public sealed record LeaveMembership : ModuleAction;

    /// <summary>
    /// Start the checkers of one kind: <see cref="CheckerWhen.Pre"/>, or <see cref="CheckerWhen.Both"/> for all
    /// others.
    /// </summary>
    public sealed record StartCheckers(CheckerWhen When) : ModuleAction;

    public sealed record StopCheckers(CheckerWhen When) : ModuleAction;

    /// <summary>A decision, with the rule that made it.</summary>
    public sealed record Log(string Rule, string Text) : ModuleAction;
}
