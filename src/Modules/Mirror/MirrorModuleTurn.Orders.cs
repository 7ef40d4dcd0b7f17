using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Orders, and how they displace one another.</summary>
internal sealed partial class MirrorModuleTurn
{
    private bool IsStopped => _state.State == MirrorState.Stop && !_state.IsBusy;

    private bool WaitsForRole => _state.State == MirrorState.Wait && _state.Awaits is MirrorWait.Role or MirrorWait.Resources;

    public bool TryOrder(MirrorEvent happened)
    {
        switch (happened)
        {
            case MirrorEvent.Start(var identity):
                OnStart(identity);
                return true;
            case MirrorEvent.Stop(var identity):
                OnStop(identity);
                return true;
            case MirrorEvent.Restart(var identity):
                OnRestart(identity);
                return true;
            case MirrorEvent.StopStart(var identity):
                OnStopStart(identity);
                return true;
            case MirrorEvent.Swap(var identity):
                OnSwap(identity);
                return true;
            case MirrorEvent.Prim(var full, var force):
                OnPrim(full, force);
                return true;
            case MirrorEvent.Second(var full):
                OnSecond(full);
                return true;
            default:
                return false;
        }
    }

    private void OnStart(string? identity)
    {
        ResetLoop(identity);
        var who = identity ?? Administrator;
        if (IsStopped)
        {
            Begin(MirrorStartOrder.None, who, "start");
        }
        else if (_state.Intent == MirrorIntent.Stop && _state.Pending == MirrorIntent.None)
        {
            _state = _state with { Intent = MirrorIntent.StopStart, Steps = _state.Steps.Enqueue(new MirrorStep.Begin()) };
            Decide(who, "start again once stopped");
        }
        else if (_state.Pending == MirrorIntent.Stop)
        {
            _state = _state with { Pending = MirrorIntent.StopStart };
            Decide(who, "start again once stopped");
        }
        else
        {
            Log(who, "start has no effect: already started or starting");
        }
    }

    private void OnStop(string? identity)
    {
        ResetLoop(identity);
        if (IsStopped)
            Log(identity ?? Administrator, "stop has no effect: already stopped");
        else
            Order(MirrorIntent.Stop, identity ?? Administrator, "stop");
    }

    private void OnRestart(string? identity)
    {
        ResetLoop(identity);
        if (!Leads && !IsSecond)
            Log(identity ?? Administrator, "restart has no effect: the module is neither primary nor secondary");
        else
            OrderCounted(MirrorIntent.Restart, identity, "restart");
    }

    private void OnStopStart(string? identity)
    {
        if (!IsStopped)
        {
            ResetLoop(identity);
            OrderCounted(MirrorIntent.StopStart, identity, "stopstart");
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

    private void OnSwap(string? identity)
    {
        ResetLoop(identity);
        var who = identity ?? Administrator;
        if (IsSecond && _state.Status == ModuleStatus.Ready && CanFollowOn && Peer is { IsHeard: true, Said.State: MirrorState.Prim })
        {
            _state = _state with { AsksSwap = true };
            Log(who, $"swap: {Peer.Name} is asked to hand over");
        }
        else if (CanHandOver)
        {
            HandOver(who, "swap");
        }
        else
        {
            Log(who, $"swap is refused: it needs a primary and a secondary that is up to date; here {Word(_state.State)}, there {PeerWord()}");
        }
    }

    private void OnPrim(bool full, bool force)
    {
        ResetLoop(null);
        var order = force ? MirrorStartOrder.PrimForce : full ? MirrorStartOrder.PrimFullSync : MirrorStartOrder.Prim;
        if (CanDetachByOrder)
            Detach(Administrator);
        else if (Leads)
            Log(Administrator, "prim has no effect: this node is the primary");
        else if (Peer.IsHeardLeading)
            Log(Administrator, $"prim is refused: {Peer.Name} is the primary; type safekit swap, or safekit stop on {Peer.Name} before");
        else if (settings.HasData && !force && _state.OwnData.Standing == MirrorDataStanding.Inconsistent)
            Log(Administrator, "prim is refused: data may be inconsistent, a reintegration of this node has not ended; safekit primforce overrides");
        else
            Begin(order, Administrator, force ? "primforce" : full ? "prim fullsync" : "prim");
    }

    private void OnSecond(bool full)
    {
        ResetLoop(null);
        if (IsSecond)
            Log(Administrator, "second has no effect: this node is the secondary");
        else if (!Peer.IsHeardLeading)
            Log(Administrator, $"second is refused: {Peer.Name} is not the primary ({PeerWord()}); type safekit prim there before");
        else
            Begin(full ? MirrorStartOrder.SecondFullSync : MirrorStartOrder.Second, Administrator, full ? "second fullsync" : "second");
    }

    private void Begin(MirrorStartOrder order, string rule, string text)
    {
        if (!IsStopped && !WaitsForRole)
        {
            Log(rule, $"{text} is refused: the module is {Word(_state.State)}; type safekit stop before");
            return;
        }

        _state = _state with { StartOrder = order, Refusal = null, FailoverBlocked = false, MaxLoopReached = false };
        Decide(rule, text);
        if (IsStopped)
            Run(MirrorIntent.None, MirrorModulePlans.Start());
    }

    private void HandOver(string rule, string text)
    {
        if (IsOvertaken(MirrorIntent.Demote))
            return;
        _state = _state with { HandsOver = true, WantsSwap = false };
        Order(MirrorIntent.Demote, rule, $"{text}: {Peer.Name} becomes the primary once everything has stopped here");
    }

    private void OrderCounted(MirrorIntent intent, string? identity, string text)
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
            MirrorIntent.Stop,
            "maxloop",
            $"stop: {identity} asked for automatic action {_state.LoopCount}, maxloop is {settings.MaxLoop}");
    }

    private bool IsOvertaken(MirrorIntent intent) => intent <= _state.Intent || intent <= _state.Pending;

    private void Order(MirrorIntent intent, string rule, string text)
    {
        if (IsOvertaken(intent))
        {
            Log(rule, $"{text} has no effect: already on the way");
            return;
        }

        Decide(rule, text);
        if (_state.Intent == MirrorIntent.StopStart)
        {
            // The stop that is under way is the right one; only the start behind it is dropped.
            _state = _state with { Intent = intent, Steps = [.. _state.Steps.Where(step => step is not MirrorStep.Begin)] };
        }
        else if (_state.RunningScript is not null || (_state.Awaits > MirrorWait.Role && !GivesUpWaitingForAddress(intent)))
        {
            _state = _state with { Pending = intent };
        }
        else
        {
            Begin(intent);
        }
    }

    /// <summary>An address that cannot be set is tried for ever: whoever gives the role up does not wait for it.</summary>
    private bool GivesUpWaitingForAddress(MirrorIntent intent) => _state.Awaits == MirrorWait.AddressSet && intent > MirrorIntent.Restart;

    private void Begin(MirrorIntent intent)
    {
        _state = _state with { Pending = MirrorIntent.None, Awaits = MirrorWait.None };
        // What a role was to be given up or restarted for may have gone while a script ran.
        if ((intent == MirrorIntent.Demote && !Leads) || (intent == MirrorIntent.Restart && !Leads && !IsSecond))
        {
            _state = _state with { HandsOver = false };
            Continue();
            return;
        }

        Run(intent, intent switch
        {
            MirrorIntent.Restart => MirrorModulePlans.Restart(_state.State),
            MirrorIntent.Demote => MirrorModulePlans.Demote(_state.State, Ending()),
            _ => MirrorModulePlans.Stop(intent, _state.State, Ending()),
        });
    }

    private MirrorEnding Ending()
    {
        var rivals = Peer.IsHeardLeading && !_state.HandsOver;
        if (_state.BrokenSinceNs is not null || (rivals && _state.State == MirrorState.Prim))
            return MirrorEnding.WithoutData;
        return rivals ? MirrorEnding.WithoutAddress : MirrorEnding.Graceful;
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

    private string PeerWord() => Peer.Presence == MirrorPresence.Heard ? Word(Peer.Said.State) : "not heard";

    private static string Word(MirrorState state) => state.ToString().ToUpperInvariant();
}
