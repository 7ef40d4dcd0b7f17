namespace SafeKit.Modules;

/// <summary>Checkers, and the traffic that follows from them.</summary>
internal sealed partial class FarmModuleTurn
{
    public void OnCheckerChanged(ModuleEvent.CheckerChanged changed)
    {
        var checker = settings.Checkers.FirstOrDefault(known => known.Resource == changed.Resource);
        if (checker is null || !_state.RunningCheckers.Contains(KindOf(checker)))
            return; // the last word of a checker that has been stopped since
        var old = _state.ResourceValues.GetValueOrDefault(changed.Resource);
        _state = _state with { ResourceValues = _state.ResourceValues.SetItem(changed.Resource, changed.Value) };
        if (old == changed.Value)
            return;
        var reason = changed.Reason.Length > 0 ? $" ({changed.Reason})" : "";
        Log(checker.Rule, $"{changed.Resource} = {changed.Value.ToString().ToLowerInvariant()}{reason}");
        if (checker.When != CheckerWhen.Pre)
            Follow(checker, changed.Value);
        else if (_state.AwaitsResources)
            ResumeWhenComplete();
        else if (changed.Value == ResourceValue.Down && checker.Action == CheckerAction.Wait)
            OrderCounted(ModuleIntent.StopWait, checker.Rule, "wait");
    }

    /// <summary>
    /// Scripts open and close the traffic themselves with <c>scriptcontrol="on"</c>. What a checker or an administrator has against the
    /// traffic still counts.
    /// </summary>
    public void OnTrafficCommand(bool open)
    {
        if (open && (_state.State != ModuleState.Up || _state.Intent > ModuleIntent.Restart))
        {
            Log("scriptcontrol", "traffic stays closed: the module is not up, or it is stopping");
            return;
        }

        _state = _state with { TrafficWanted = open };
        Log("scriptcontrol", open ? "open traffic" : "close traffic");
        SettleTraffic();
    }

    /// <summary>
    /// The service of this node is gone, or is back: the share moves first, before anything slow begins.
    /// </summary>
    public void OnDrain(string? identity, bool drained)
    {
        if (_state.Drained == drained)
        {
            Log(identity ?? Administrator, drained ? "drain has no effect: drained already" : "undrain has no effect: not drained");
            return;
        }

        if (drained && (_state.State != ModuleState.Up || _state.Intent > ModuleIntent.Restart))
        {
            Log(identity ?? Administrator, "drain has no effect: the module is not up, or it is stopping");
            return;
        }

        _state = _state with { Drained = drained };
        Log(drained ? "drain" : "undrain", drained ? "no new connections; those that exist may end" : "new connections again");
        SettleTraffic();
    }

    private void Follow(FarmChecker checker, ResourceValue value)
    {
        if (value == ResourceValue.Up)
            _state = WithFound(checker.Resource);
        else if (value == ResourceValue.Down)
            _state = _state with { Lost = _state.Lost.Add(checker.Resource), Rule = checker.Rule };
        SettleTraffic(checker.Rule);
        if (value != ResourceValue.Down)
            return;
        switch (checker.Action)
        {
            case CheckerAction.Restart:
                OrderCounted(ModuleIntent.Restart, checker.Rule, "restart");
                break;
            case CheckerAction.StopStart:
                OrderCounted(ModuleIntent.StopStart, checker.Rule, "stopstart");
                break;
            case CheckerAction.Stop:
                Order(ModuleIntent.Stop, checker.Rule, "stop");
                break;
        }
    }

    private FarmModuleState WithFound(string resource)
    {
        var lost = _state.Lost.Remove(resource);
        return _state with { Lost = lost, Rule = lost.IsEmpty && _state.Status == ModuleStatus.Ready ? "" : _state.Rule };
    }

    /// <summary>Opens or closes the traffic so that it is as wanted and as the resources allow.</summary>
    private void SettleTraffic(string? rule = null, bool adopt = false)
    {
        var allowed = settings.HasTraffic && _state.TrafficWanted && !_state.Drained && _state.Lost.IsEmpty;
        // A script that opens has seen the service itself; a checker that has not looked yet is no reason against it.
        if (allowed && settings is { Opening: TrafficOpening.WhenServing, ScriptControl: false } && !_state.TrafficOpen && !adopt)
            allowed = settings.Checkers.All(known => known.When == CheckerWhen.Pre || Value(known) == ResourceValue.Up);
        if (allowed == _state.TrafficOpen)
            return;
        _state = _state with { TrafficOpen = allowed, ReleaseNumber = _state.ReleaseNumber + (allowed ? 0 : 1) };
        if (rule is not null)
            Log(rule, allowed ? "this node takes its share again" : "this node leaves its share to the others");
        _actions.Add(allowed ? new ModuleAction.OpenTraffic() : new ModuleAction.CloseTraffic(_state.ReleaseNumber));
    }

    private void ResumeWhenComplete()
    {
        EvaluateResources();
        if (!_state.AwaitsResources)
            Continue();
    }

    private void EvaluateResources()
    {
        var guards = settings.Checkers.Where(known => known is { When: CheckerWhen.Pre, Action: CheckerAction.Wait }).ToArray();
        var down = Array.Find(guards, guard => Value(guard) == ResourceValue.Down);
        if (down is not null)
        {
            if (_state.Status != ModuleStatus.NotReady)
                Decide(down.Rule, $"wait until {down.Resource} is up");
            _state = _state with { Status = ModuleStatus.NotReady };
        }
        else if (Array.Exists(guards, guard => Value(guard) == ResourceValue.Init))
        {
            _state = _state with { Status = ModuleStatus.Transient };
        }
        else
        {
            if (_state.Status == ModuleStatus.NotReady)
                Decide("Implicit_wakeup", "nothing is missing any more");
            _state = _state with { AwaitsResources = false, Status = ModuleStatus.Transient };
        }
    }

    private void Do(ModuleAction action)
    {
        if (action is ModuleAction.StartCheckers start)
            SetRunning(start.When, true, action);
        else if (action is ModuleAction.StopCheckers stop)
            SetRunning(stop.When, false, action);
        else
            _actions.Add(action);
    }

    private void SetRunning(CheckerWhen kind, bool run, ModuleAction action)
    {
        if (_state.RunningCheckers.Contains(kind) == run || !settings.Checkers.Any(known => KindOf(known) == kind))
            return;
        var running = _state.RunningCheckers;
        _state = _state with { RunningCheckers = run ? running.Add(kind) : running.Remove(kind) };
        _actions.Add(action);
    }

    private void Forget(CheckerWhen kind)
    {
        foreach (var checker in settings.Checkers.Where(known => KindOf(known) == kind))
            _state = _state with { ResourceValues = _state.ResourceValues.Remove(checker.Resource) };
    }

    private ResourceValue Value(FarmChecker checker) => _state.ResourceValues.GetValueOrDefault(checker.Resource);

    private static CheckerWhen KindOf(FarmChecker checker) =>
        checker.When == CheckerWhen.Pre ? CheckerWhen.Pre : CheckerWhen.Both;
}
