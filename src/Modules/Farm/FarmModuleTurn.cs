using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>
/// One decision in the making: orders and how they displace one another. The parts beside this one hold the steps of a
/// transition, and resources with what follows from them.
/// </summary>
internal sealed partial class FarmModuleTurn(FarmModuleSettings settings, FarmModuleState state, long nowNs)
{
    private const string Administrator = "administrator";
    private readonly List<ModuleAction> _actions = [];
    private FarmModuleState _state = state;

    public FarmModuleDecision ToDecision() => new(_state, _actions);

    public void OnStart(string? identity)
    {
        ResetLoop(identity);
        if (_state.State == ModuleState.Stop && !_state.IsBusy)
        {
            _state = _state with { MaxLoopReached = false, Lost = [] };
            Decide(identity ?? Administrator, "start");
            Run(ModuleIntent.None, FarmModulePlans.Start("start"));
        }
        else if (_state.Intent == ModuleIntent.Stop && _state.Pending == ModuleIntent.None)
        {
            _state = _state with { Intent = ModuleIntent.StopStart, Steps = _state.Steps.Enqueue(new ModuleStep.Begin()) };
            Decide(identity ?? Administrator, "start again once stopped");
        }
        else if (_state.Pending == ModuleIntent.Stop)
        {
            _state = _state with { Pending = ModuleIntent.StopStart };
            Decide(identity ?? Administrator, "start again once stopped");
        }
        else
        {
            Log(identity ?? Administrator, "start has no effect: already started or starting");
        }
    }

    /// <summary>The module ran on while the daemon was away: watch it again, and touch nothing.</summary>
    public void OnAdopted(ModuleEvent.Adopted adopted)
    {
        if (_state.State != ModuleState.Stop || _state.IsBusy)
        {
            Log("adopted", "adoption has no effect: the module is known already");
            return;
        }

        Decide("adopted", "the module was found running");
        Run(ModuleIntent.None, FarmModulePlans.Adopt());
        // What was open stays open. What was closed was so for want of the service: its checkers open it again.
        var services = settings.Checkers.Where(known => known.When != CheckerWhen.Pre).Select(known => known.Resource);
        _state = _state with
        {
            Drained = adopted.Drained,
            TrafficWanted = adopted.TrafficOpen || adopted.ScriptOpened || !settings.ScriptControl,
            Lost = adopted.TrafficOpen ? [] : [.. services],
        };
        SettleTraffic(adopt: adopted.TrafficOpen);
    }

    public void OnStop(string? identity)
    {
        ResetLoop(identity);
        if (_state.State == ModuleState.Stop && !_state.IsBusy)
            Log(identity ?? Administrator, "stop has no effect: already stopped");
        else
            Order(ModuleIntent.Stop, identity ?? Administrator, "stop");
    }

    public void OnRestart(string? identity)
    {
        ResetLoop(identity);
        if (_state.State != ModuleState.Up)
            Log(identity ?? Administrator, "restart has no effect: the module is not up");
        else
            OrderCounted(ModuleIntent.Restart, identity, "restart");
    }

    public void OnStopStart(string? identity)
    {
        if (_state.State != ModuleState.Stop || _state.IsBusy)
        {
            ResetLoop(identity);
            OrderCounted(ModuleIntent.StopStart, identity, "stopstart");
        }
        else if (identity is null)
        {
            OnStart(null);
        }
        else
        {
            Log(identity, "stopstart has no effect: the module is stopped");
        }
    }

    private void OrderCounted(ModuleIntent intent, string? identity, string text)
    {
        if (IsOvertaken(intent))
            Log(identity ?? Administrator, $"{text} has no effect: already on the way");
        else if (identity is null || Count())
            Order(intent, identity ?? Administrator, text);
        else
            StopForMaxLoop(identity);
    }

    private void StopForMaxLoop(string identity)
    {
        _state = _state with { MaxLoopReached = true };
        Order(
            ModuleIntent.Stop,
            "maxloop",
            $"stop: {identity} asked for automatic action {_state.LoopCount}, maxloop is {settings.MaxLoop}");
    }

    private bool IsOvertaken(ModuleIntent intent) => intent <= _state.Intent || intent <= _state.Pending;

    private void Order(ModuleIntent intent, string rule, string text)
    {
        if (IsOvertaken(intent))
        {
            Log(rule, $"{text} has no effect: already on the way");
            return;
        }

        Decide(rule, text);
        if (_state.Intent == ModuleIntent.StopStart)
        {
            // The stop that is under way is the right one; only the start behind it is dropped.
            _state = _state with { Intent = intent, Steps = [.. _state.Steps.Where(step => step is not ModuleStep.Begin)] };
        }
        else if (_state.RunningScript is not null || _state.AwaitsRelease)
        {
            _state = _state with { Pending = intent };
        }
        else
        {
            Begin(intent);
        }
    }

    private void Begin(ModuleIntent intent)
    {
        _state = _state with { Pending = ModuleIntent.None, AwaitsResources = false };
        var isUp = _state.State == ModuleState.Up;
        Run(intent, intent == ModuleIntent.Restart ? FarmModulePlans.Restart() : FarmModulePlans.Stop(intent, isUp));
    }

    /// <summary>Counts an automatic action. False when there were too many within the interval.</summary>
    private bool Count()
    {
        var intervalNs = MonotonicClock.FromMs((long)settings.LoopInterval.TotalMilliseconds);
        if (intervalNs == 0)
            return true;
        if (_state.LoopCount == 0 || nowNs - _state.LoopStartNs >= intervalNs)
            _state = _state with { LoopCount = 0, LoopStartNs = nowNs };
        _state = _state with { LoopCount = _state.LoopCount + 1 };
        return _state.LoopCount <= settings.MaxLoop;
    }

    private void ResetLoop(string? identity)
    {
        if (identity is null)
            _state = _state with { LoopCount = 0, LoopStartNs = 0, MaxLoopReached = false };
    }

    private void Decide(string rule, string text)
    {
        _state = _state with { Rule = rule };
        Log(rule, text);
    }

    private void Log(string rule, string text) => _actions.Add(new ModuleAction.Log(rule, text));
}
