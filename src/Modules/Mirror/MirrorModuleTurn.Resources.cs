namespace SafeKit.Modules;

/// <summary>Checkers, and what follows from them.</summary>
internal sealed partial class MirrorModuleTurn
{
    private void OnCheckerChanged(MirrorEvent.CheckerChanged changed)
    {
        var checker = settings.Checkers.FirstOrDefault(known => known.Resource == changed.Resource);
        if (checker is null || !_state.RunningCheckers.Contains(checker.When))
            return; // the last word of a checker that has been stopped since
        var old = _state.ResourceValues.GetValueOrDefault(changed.Resource);
        _state = _state with { ResourceValues = _state.ResourceValues.SetItem(changed.Resource, changed.Value) };
        if (old == changed.Value)
            return;
        var reason = changed.Reason.Length > 0 ? $" ({changed.Reason})" : "";
        Log(checker.Rule, $"{changed.Resource} = {changed.Value.ToString().ToLowerInvariant()}{reason}");
        if (_state.Awaits == MirrorWait.Resources)
            ResumeWhenComplete();
        else if (changed.Value == ResourceValue.Down)
            Follow(checker);
        else if (_state.Status == ModuleStatus.Ready)
            SettleRule();
    }

    private void Follow(MirrorChecker checker)
    {
        _state = _state with { Rule = checker.Rule };
        switch (checker.Action)
        {
            case CheckerAction.Restart:
                OrderCounted(MirrorIntent.Restart, checker.Rule, "restart");
                break;
            case CheckerAction.StopStart:
                OrderCounted(MirrorIntent.StopStart, checker.Rule, "stopstart");
                break;
            case CheckerAction.Stop:
                Order(MirrorIntent.Stop, checker.Rule, "stop");
                break;
            case CheckerAction.Wait when checker.When == CheckerWhen.Pre:
                OrderCounted(MirrorIntent.StopWait, checker.Rule, "wait");
                break;
        }
    }

    private void ResumeWhenComplete()
    {
        EvaluateResources();
        if (_state.Awaits == MirrorWait.None)
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
            _state = _state with { Awaits = MirrorWait.None, Status = ModuleStatus.Transient };
        }
    }

    private void Do(MirrorAction action)
    {
        if (action is MirrorAction.StartCheckers start)
            SetRunning(start.When, true, action);
        else if (action is MirrorAction.StopCheckers stop)
            SetRunning(stop.When, false, action);
        else
            _actions.Add(action);
    }

    private void SetRunning(CheckerWhen kind, bool run, MirrorAction action)
    {
        if (_state.RunningCheckers.Contains(kind) == run || !settings.Checkers.Any(known => known.When == kind))
            return;
        var running = _state.RunningCheckers;
        _state = _state with { RunningCheckers = run ? running.Add(kind) : running.Remove(kind) };
        _actions.Add(action);
    }

    private void Forget(CheckerWhen kind)
    {
        foreach (var checker in settings.Checkers.Where(known => known.When == kind))
            _state = _state with { ResourceValues = _state.ResourceValues.Remove(checker.Resource) };
    }

    private ResourceValue Value(MirrorChecker checker) => _state.ResourceValues.GetValueOrDefault(checker.Resource);
}
