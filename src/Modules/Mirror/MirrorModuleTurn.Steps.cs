namespace SafeKit.Modules;

/// <summary>Performing the steps of a transition until one has to wait.</summary>
internal sealed partial class MirrorModuleTurn
{
    private void OnScriptEnded(MirrorEvent.ScriptEnded ended)
    {
        if (_state.RunningScript != ended.Name)
        {
            Log("script", $"{ended.Name} ended, which nobody waits for");
            return;
        }

        _state = _state with { RunningScript = null };
        if (ended.TimedOut || ended.Problem.Length > 0)
            Log("script", ended.Problem.Length > 0 ? ended.Problem : $"{ended.Name} reached its time limit and was killed");
        else if (!ended.Found && ended.Name is "start_prim" or "stop_prim")
            Log("script", $"the module has no script {ended.Name}");
        else if (ended.ExitCode != 0)
            Log("script", $"{ended.Name} ended with exit code {ended.ExitCode}");
        Continue();
    }

    /// <summary>False where nobody waits for this answer.</summary>
    private bool Answer(MirrorWait awaited)
    {
        if (_state.Awaits != awaited)
            return false;
        _state = _state with { Awaits = MirrorWait.None };
        Continue();
        return true;
    }

    private void Run(MirrorIntent intent, IEnumerable<MirrorStep> steps)
    {
        _state = _state with { Intent = intent, Steps = [.. steps] };
        Continue();
    }

    private void Continue()
    {
        // A restart keeps the role, so whatever the role still needs is done first.
        if (_state.Pending > MirrorIntent.Restart)
        {
            Begin(_state.Pending);
            return;
        }

        while (!_state.Steps.IsEmpty)
        {
            _state = _state with { Steps = _state.Steps.Dequeue(out var step) };
            Perform(step);
            if (_state.RunningScript is not null || _state.Awaits != MirrorWait.None)
                return;
        }

        _state = _state with { Intent = MirrorIntent.None };
        if (_state.Pending != MirrorIntent.None)
            Begin(_state.Pending);
    }

    private void Perform(MirrorStep step)
    {
        switch (step)
        {
            case MirrorStep.Become become:
                Become(become);
                break;
            case MirrorStep.Script script when settings.RunsScripts:
                _state = _state with { RunningScript = script.Run.Name };
                _actions.Add(script.Run);
                break;
            case MirrorStep.Do(var action):
                Do(action);
                break;
            case MirrorStep.ForgetResources(var when):
                Forget(when);
                break;
            case MirrorStep.AwaitResources:
                _state = _state with { Intent = MirrorIntent.None, Awaits = MirrorWait.Resources };
                EvaluateResources();
                break;
            case MirrorStep.AwaitRole:
                AwaitRole();
                break;
            case MirrorStep.Begin:
                _state = _state with { Intent = MirrorIntent.None, Steps = [.. MirrorModulePlans.Start()] };
                break;
            default:
                PerformOnData(step);
                break;
        }
    }

    private void PerformOnData(MirrorStep step)
    {
        switch (step)
        {
            case MirrorStep.Lead(var order):
                StartLeading(order);
                break;
            case MirrorStep.Follow(var full):
                StartFollowing(full);
                break;
            case MirrorStep.Promote(var rule):
                Promote(rule);
                break;
            case MirrorStep.StopData when _state.DataMode != MirrorDataMode.None:
                StopData();
                break;
            case MirrorStep.SetAddress when settings.HasAddress && !_state.HoldsAddress:
                _state = _state with { HoldsAddress = true, Awaits = MirrorWait.AddressSet };
                _actions.Add(new MirrorAction.SetVirtualAddress());
                break;
            case MirrorStep.RemoveAddress when _state.HoldsAddress && !(Mistaken(MirrorMistake.KeepAddressWhenDemoted) && _state.Intent == MirrorIntent.Demote):
                _state = _state with { HoldsAddress = false, Awaits = MirrorWait.AddressRemoved };
                _actions.Add(new MirrorAction.RemoveVirtualAddress());
                break;
        }
    }

    private void Become(MirrorStep.Become become)
    {
        _state = _state with { State = become.State, Status = become.Status };
        if (become.State is MirrorState.Wait or MirrorState.Stop)
            _state = _state with { HandsOver = false, AsksSwap = false, WantsSwap = false, AwaitsFormerPrimary = false, ReturnsAsPrim = false };
        if (become.State == MirrorState.Stop && _state.Intent == MirrorIntent.Stop)
            _state = _state with { ResourceValues = _state.ResourceValues.Clear(), StartOrder = MirrorStartOrder.None, Remedy = "" };
        if (become.Status == ModuleStatus.Ready)
            SettleRule();
    }

    /// <summary>All is well, so no rule is shown, unless a checker still says otherwise.</summary>
    private void SettleRule()
    {
        if (!_state.ResourceValues.ContainsValue(ResourceValue.Down) && _state.BrokenSinceNs is null)
            _state = _state with { Rule = "", Remedy = "" };
    }
}
