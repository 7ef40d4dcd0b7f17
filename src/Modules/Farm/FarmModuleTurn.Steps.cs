using System.Collections.Immutable;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Performing the steps of a transition until one has to wait.</summary>
internal sealed partial class FarmModuleTurn
{
    public void OnScriptEnded(ModuleEvent.ScriptEnded ended)
    {
        if (_state.RunningScript != ended.Name)
        {
            Log("script", $"{ended.Name} ended, which nobody waits for");
            return;
        }

        _state = _state with { RunningScript = null };
        if (ended.TimedOut || ended.Problem.Length > 0)
            Log("script", ended.Problem.Length > 0 ? ended.Problem : $"{ended.Name} reached its time limit and was killed");
        else if (!ended.Found && ended.Name is "start_both" or "stop_both")
            Log("script", $"the module has no script {ended.Name}");
        else if (ended.ExitCode != 0)
            Log("script", $"{ended.Name} ended with exit code {ended.ExitCode}");
        Continue();
    }

    public void OnTrafficReleased(long number)
    {
        // The answer to an earlier release says nothing about the connections that came since.
        if (number == _state.ReleaseNumber)
            EndRelease("released", "the others serve this node's share");
    }

    public void OnTick()
    {
        if (_state.DeadlineNs is { } deadlineNs && nowNs >= deadlineNs)
            EndRelease(
                "release-limit",
                $"connections remain after {settings.ReleaseLimit.TotalSeconds:0} s; going on without waiting for them");
    }

    private void EndRelease(string rule, string text)
    {
        if (!_state.AwaitsRelease)
            return;
        Log(rule, text);
        _state = _state with { AwaitsRelease = false, DeadlineNs = null };
        Continue();
    }

    private void Run(ModuleIntent intent, IEnumerable<ModuleStep> steps)
    {
        _state = _state with { Intent = intent, Steps = [.. steps] };
        Continue();
    }

    private void Continue()
    {
        if (_state.Pending != ModuleIntent.None)
        {
            Begin(_state.Pending);
            return;
        }

        while (!_state.Steps.IsEmpty)
        {
            _state = _state with { Steps = _state.Steps.Dequeue(out var step) };
            Perform(step);
            if (_state.RunningScript is not null || _state.AwaitsRelease || _state.AwaitsResources)
                return;
        }

        _state = _state with { Intent = ModuleIntent.None };
    }

    private void Perform(ModuleStep step)
    {
        switch (step)
        {
            case ModuleStep.Become become:
                Become(become);
                break;
            case ModuleStep.Script script when settings.RunsScripts:
                _state = _state with { RunningScript = script.Run.Name };
                _actions.Add(script.Run);
                break;
            case ModuleStep.Do(var action):
                Do(action);
                break;
            case ModuleStep.JoinMembership when settings.HasMembership && !_state.IsMember:
                _state = _state with { IsMember = true };
                _actions.Add(new ModuleAction.StartMembership());
                break;
            case ModuleStep.LeaveMembership when _state.IsMember:
                _state = _state with { IsMember = false };
                _actions.Add(new ModuleAction.LeaveMembership());
                break;
            case ModuleStep.OpenTraffic(var moment) when moment == TrafficOpening.WhenServing || settings.Opening == moment:
                _state = _state with { TrafficWanted = _state.TrafficWanted || !settings.ScriptControl };
                SettleTraffic();
                break;
            case ModuleStep.ReleaseTraffic(var afterStop) when afterStop == settings.ScriptControl:
                ReleaseTraffic();
                break;
            case ModuleStep.ForgetResources(var when):
                Forget(when);
                break;
            case ModuleStep.AwaitResources:
                _state = _state with { Intent = ModuleIntent.None, AwaitsResources = true };
                EvaluateResources();
                break;
            case ModuleStep.Begin:
                _state = _state with { Intent = ModuleIntent.None, Steps = [.. FarmModulePlans.Start("start")] };
                break;
        }
    }

    private void Become(ModuleStep.Become become)
    {
        _state = _state with { State = become.State, Status = become.Status };
        if (become.State == ModuleState.Stop && _state.Intent == ModuleIntent.Stop)
            _state = _state with { Drained = false, Lost = [], ResourceValues = ImmutableDictionary<string, ResourceValue>.Empty };
        if (become is { State: ModuleState.Up, Status: ModuleStatus.Ready } && _state.Lost.IsEmpty)
            _state = _state with { Rule = "" };
    }

    private void ReleaseTraffic()
    {
        var wasOpen = _state.TrafficOpen;
        _state = _state with { TrafficWanted = false };
        SettleTraffic();
        if (wasOpen && settings.ReleaseLimit > TimeSpan.Zero)
        {
            var limitNs = MonotonicClock.FromMs((long)settings.ReleaseLimit.TotalMilliseconds);
            _state = _state with { AwaitsRelease = true, DeadlineNs = nowNs + limitNs };
        }
    }
}
