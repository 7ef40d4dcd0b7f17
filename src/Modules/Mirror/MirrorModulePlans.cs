namespace SafeKit.Modules;

/// <summary>
/// The transitions of a mirror module as lists of steps, in the order of reference section 4.3. A state that leads is entered before the first
/// script and left after the last answer to a client: whoever hears it knows that this node may be leading. The virtual address is set before
/// <c>start_prim</c> and removed after <c>stop_prim</c>; so are the directories.
/// </summary>
internal static class MirrorModulePlans
{
    public static IEnumerable<MirrorStep> Start() =>
    [
        new MirrorStep.Become(MirrorState.Wait, ModuleStatus.Transient),
        Script("transition", MirrorState.Stop, MirrorState.Wait, "start"),
        Script("prestart", MirrorState.Stop, MirrorState.Wait, "start"),
        new MirrorStep.Do(new MirrorAction.StartCheckers(CheckerWhen.Pre)),
        .. FromWait(),
    ];

    public static IEnumerable<MirrorStep> FromWait() => [new MirrorStep.AwaitResources(), new MirrorStep.AwaitRole()];

    public static IEnumerable<MirrorStep> Lead(MirrorLeadOrder order) =>
    [
        new MirrorStep.Become(MirrorState.Alone, ModuleStatus.Transient),
        Script("transition", MirrorState.Wait, MirrorState.Alone, "start"),
        new MirrorStep.Lead(order),
        new MirrorStep.SetAddress(),
        .. StartScripts(MirrorState.Wait, MirrorState.Alone, "start"),
    ];

    public static IEnumerable<MirrorStep> Follow(bool full) =>
    [
        new MirrorStep.Become(MirrorState.Second, ModuleStatus.Transient),
        Script("transition", MirrorState.Wait, MirrorState.Second, "start"),
        new MirrorStep.Follow(full),
        .. StartScripts(MirrorState.Wait, MirrorState.Second, "start"),
    ];

    /// <summary>The secondary takes over.</summary>
    /// <param name="to">ALONE after a failover, PRIM where the former primary stays as secondary.</param>
    public static IEnumerable<MirrorStep> Promote(MirrorState to, string rule)
    {
        yield return new MirrorStep.Become(to, ModuleStatus.Transient);
        yield return new MirrorStep.Do(new MirrorAction.StopCheckers(CheckerWhen.Second));
        yield return new MirrorStep.ForgetResources(CheckerWhen.Second);
        yield return new MirrorStep.Promote(rule);
        if (to == MirrorState.Prim)
            yield return Script("stop_sec", MirrorState.Second, to, "start");
        yield return Script("stop_second", MirrorState.Second, to, "start");
        yield return Script("transition", MirrorState.Second, to, "start");
        yield return new MirrorStep.SetAddress();
        yield return Script("start_prim", MirrorState.Second, to, "start");
        yield return new MirrorStep.Do(new MirrorAction.StartCheckers(CheckerWhen.Prim));
        yield return new MirrorStep.Become(to, ModuleStatus.Ready);
    }

    /// <summary>From primary to secondary. In a swap the application has stopped and everything is flushed before the other node leads.</summary>
    /// <param name="ending">What has to end before the first script.</param>
    public static IEnumerable<MirrorStep> Demote(MirrorState from, MirrorEnding ending)
    {
        const MirrorState To = MirrorState.Second;
        yield return new MirrorStep.Become(from, ModuleStatus.Transient);
        yield return new MirrorStep.Do(new MirrorAction.StopCheckers(CheckerWhen.Prim));
        yield return new MirrorStep.ForgetResources(CheckerWhen.Prim);
        foreach (var step in Begin(ending))
            yield return step;
        yield return Script("stop_prim", from, To, "stopstart");
        yield return Script("stop_prim", from, To, "stopstart", force: true);
        yield return new MirrorStep.RemoveAddress();
        yield return new MirrorStep.StopData();
        yield return new MirrorStep.Become(To, ModuleStatus.Transient);
        yield return Script("transition", from, To, "stopstart");
        yield return new MirrorStep.Follow(false);
        yield return Script("start_second", from, To, "stopstart");
        if (from == MirrorState.Prim)
            yield return Script("start_sec", from, To, "stopstart");
        yield return new MirrorStep.Do(new MirrorAction.StartCheckers(CheckerWhen.Second));
    }

    /// <summary>The other node has arrived: the application is not touched.</summary>
    public static IEnumerable<MirrorStep> AloneToPrim() =>
    [
        Script("stop_sec", MirrorState.Alone, MirrorState.Prim, "start"),
        Script("transition", MirrorState.Alone, MirrorState.Prim, "start"),
        new MirrorStep.Become(MirrorState.Prim, ModuleStatus.Ready),
    ];

    /// <summary>The other node has left: the application is not touched.</summary>
    public static IEnumerable<MirrorStep> PrimToAlone() =>
    [
        new MirrorStep.Become(MirrorState.Alone, ModuleStatus.Ready),
        Script("transition", MirrorState.Prim, MirrorState.Alone, "start"),
        Script("start_sec", MirrorState.Prim, MirrorState.Alone, "start"),
    ];

    public static IEnumerable<MirrorStep> Restart(MirrorState role) =>
    [
        new MirrorStep.Become(role, ModuleStatus.Transient),
        .. StopCheckers(role),
        .. StopNames(role).SelectMany(name => new[]
        {
            Script(name, role, role, "stopstart"), Script(name, role, role, "stopstart", force: true),
        }),
        .. StartScripts(role, role, "stopstart"),
    ];

    /// <param name="role">State that is left; nothing is stopped gracefully where it only waits.</param>
    /// <param name="ending">What has to end before the first script.</param>
    public static IEnumerable<MirrorStep> Stop(MirrorIntent intent, MirrorState role, MirrorEnding ending)
    {
        var action = intent switch
        {
            MirrorIntent.StopStart => "stopstart",
            MirrorIntent.StopWait => "stopwait",
            _ => "stop",
        };
        if (role is MirrorState.Alone or MirrorState.Prim or MirrorState.Second)
        {
            foreach (var step in Leave(role, action, ending))
                yield return step;
        }

        yield return new MirrorStep.RemoveAddress();
        yield return new MirrorStep.StopData();
        yield return new MirrorStep.Become(MirrorState.Wait, ModuleStatus.Transient);
        var to = intent == MirrorIntent.StopWait ? MirrorState.Wait : MirrorState.Stop;
        foreach (var name in new[] { "stop_sec", "stop_prim", "stop_second", "stop_both" })
            yield return Script(name, MirrorState.Wait, to, action, force: true);
        foreach (var step in intent == MirrorIntent.StopWait ? FromWait() : ToStop(action))
            yield return step;
        if (intent == MirrorIntent.StopStart)
            yield return new MirrorStep.Begin();
    }

    private static IEnumerable<MirrorStep> Leave(MirrorState role, string action, MirrorEnding ending)
    {
        yield return new MirrorStep.Become(role, ModuleStatus.Transient);
        foreach (var step in StopCheckers(role))
            yield return step;
        foreach (var step in Begin(ending))
            yield return step;
        foreach (var name in StopNames(role).SkipLast(1))
            yield return Script(name, role, MirrorState.Wait, action);
        // Whatever still runs when the directories go would write on where nobody records it.
        if (role != MirrorState.Second && ending != MirrorEnding.WithoutData)
            yield return Script("stop_prim", role, MirrorState.Wait, action, force: true);
        yield return new MirrorStep.RemoveAddress();
        yield return new MirrorStep.StopData();
        yield return Script("stop_both", role, MirrorState.Wait, action);
        yield return Script("transition", role, MirrorState.Wait, action);
    }

    private static IEnumerable<MirrorStep> Begin(MirrorEnding ending)
    {
        if (ending != MirrorEnding.Graceful)
            yield return new MirrorStep.RemoveAddress();
        if (ending == MirrorEnding.WithoutData)
            yield return new MirrorStep.StopData();
    }

    private static IEnumerable<MirrorStep> ToStop(string action) =>
    [
        new MirrorStep.Do(new MirrorAction.StopCheckers(CheckerWhen.Pre)),
        new MirrorStep.ForgetResources(CheckerWhen.Pre),
        Script("poststop", MirrorState.Wait, MirrorState.Stop, action),
        Script("transition", MirrorState.Wait, MirrorState.Stop, action),
        new MirrorStep.Become(MirrorState.Stop, ModuleStatus.NotReady),
    ];

    private static IEnumerable<MirrorStep> StartScripts(MirrorState from, MirrorState to, string action)
    {
        var isSecond = to == MirrorState.Second;
        yield return Script("start_both", from, to, action);
        yield return Script(isSecond ? "start_second" : "start_prim", from, to, action);
        if (to != MirrorState.Prim)
            yield return Script("start_sec", from, to, action);
        yield return new MirrorStep.Do(new MirrorAction.StartCheckers(CheckerWhen.Both));
        yield return new MirrorStep.Do(new MirrorAction.StartCheckers(isSecond ? CheckerWhen.Second : CheckerWhen.Prim));
        if (!isSecond)
            yield return new MirrorStep.Become(to, ModuleStatus.Ready);
    }

    private static IEnumerable<MirrorStep> StopCheckers(MirrorState role)
    {
        foreach (var kind in new[] { CheckerWhen.Both, role == MirrorState.Second ? CheckerWhen.Second : CheckerWhen.Prim })
        {
            yield return new MirrorStep.Do(new MirrorAction.StopCheckers(kind));
            yield return new MirrorStep.ForgetResources(kind);
        }
    }

    private static IEnumerable<string> StopNames(MirrorState role) => role switch
    {
        MirrorState.Prim => ["stop_prim", "stop_both"],
        MirrorState.Alone => ["stop_sec", "stop_prim", "stop_both"],
        _ => ["stop_sec", "stop_second", "stop_both"],
    };

    private static MirrorStep.Script Script(string name, MirrorState from, MirrorState to, string action, bool force = false) =>
        new(new MirrorAction.RunScript(name, Word(from), Word(to), action, force));

    private static string Word(MirrorState state) => state.ToString().ToUpperInvariant();
}
