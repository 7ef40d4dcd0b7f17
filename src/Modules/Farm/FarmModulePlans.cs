namespace SafeKit.Modules;

/// <summary>
/// The transitions of a farm or light module as lists of steps, in the order of reference sections 4.3 and 6.5. One
/// thing differs, on purpose: traffic leaves before <c>stop_both</c> and not after it, so that no request meets a
/// service that has been stopped. With <c>scriptcontrol="on"</c> that is the script's business.
/// </summary>
internal static class FarmModulePlans
{
    public static IEnumerable<ModuleStep> Start(string action) =>
    [
        new ModuleStep.Become(ModuleState.Wait, ModuleStatus.Transient),
        Script("transition", "STOP", "WAIT", action),
        Script("prestart", "STOP", "WAIT", action),
        new ModuleStep.JoinMembership(),
        new ModuleStep.Do(new ModuleAction.StartCheckers(CheckerWhen.Pre)),
        .. FromWait(action),
    ];

    public static IEnumerable<ModuleStep> FromWait(string action) =>
    [
        new ModuleStep.AwaitResources(),
        Script("transition", "WAIT", "UP", action),
        new ModuleStep.Become(ModuleState.Up, ModuleStatus.Transient),
        new ModuleStep.OpenTraffic(TrafficOpening.BeforeStart),
        .. StartScripts("WAIT", "UP", action),
    ];

    public static IEnumerable<ModuleStep> Adopt() =>
    [
        new ModuleStep.JoinMembership(),
        new ModuleStep.Do(new ModuleAction.StartCheckers(CheckerWhen.Pre)),
        new ModuleStep.Do(new ModuleAction.StartCheckers(CheckerWhen.Both)),
        new ModuleStep.Become(ModuleState.Up, ModuleStatus.Ready),
    ];

    public static IEnumerable<ModuleStep> Restart() =>
    [
        new ModuleStep.Become(ModuleState.Up, ModuleStatus.Transient),
        .. StopScripts("UP", "UP", "stopstart"),
        Script("stop_both", "UP", "UP", "stopstart", force: true),
        .. StartScripts("UP", "UP", "stopstart"),
    ];

    /// <param name="isUp">Is there anything to stop gracefully? Not when the module only waits.</param>
    public static IEnumerable<ModuleStep> Stop(ModuleIntent intent, bool isUp)
    {
        var action = intent switch
        {
            ModuleIntent.StopStart => "stopstart",
            ModuleIntent.StopWait => "stopwait",
            _ => "stop",
        };
        if (isUp)
        {
            yield return new ModuleStep.Become(ModuleState.Up, ModuleStatus.Transient);
            foreach (var step in StopScripts("UP", "WAIT", action))
                yield return step;
            yield return Script("transition", "UP", "WAIT", action);
        }

        yield return new ModuleStep.Become(ModuleState.Wait, ModuleStatus.Transient);
        yield return Script(
            "stop_both",
            "WAIT",
            intent == ModuleIntent.StopWait ? "WAIT" : "STOP",
            action,
            force: true);
        foreach (var step in intent == ModuleIntent.StopWait ? FromWait("start") : ToStop(action))
            yield return step;
        if (intent == ModuleIntent.StopStart)
            yield return new ModuleStep.Begin();
    }

    private static IEnumerable<ModuleStep> ToStop(string action) =>
    [
        new ModuleStep.Do(new ModuleAction.StopCheckers(CheckerWhen.Pre)),
        new ModuleStep.ForgetResources(CheckerWhen.Pre),
        new ModuleStep.LeaveMembership(),
        Script("poststop", "WAIT", "STOP", action),
        Script("transition", "WAIT", "STOP", action),
        new ModuleStep.Become(ModuleState.Stop, ModuleStatus.NotReady),
    ];

    private static IEnumerable<ModuleStep> StartScripts(string from, string to, string action) =>
    [
        Script("start_both", from, to, action),
        new ModuleStep.Do(new ModuleAction.StartCheckers(CheckerWhen.Both)),
        new ModuleStep.Become(ModuleState.Up, ModuleStatus.Ready),
        new ModuleStep.OpenTraffic(TrafficOpening.WhenServing),
    ];

    private static IEnumerable<ModuleStep> StopScripts(string from, string to, string action) =>
    [
        new ModuleStep.Do(new ModuleAction.StopCheckers(CheckerWhen.Both)),
        new ModuleStep.ForgetResources(CheckerWhen.Both),
        new ModuleStep.ReleaseTraffic(AfterStop: false),
        Script("stop_both", from, to, action),
        new ModuleStep.ReleaseTraffic(AfterStop: true),
    ];

    private static ModuleStep.Script Script(string name, string from, string to, string action, bool force = false) =>
        new(new ModuleAction.RunScript(name, from, to, action, force));
}
