namespace SafeKit.Modules;

/// <summary>WAIT: leading or following is decided here.</summary>
internal sealed partial class MirrorModuleTurn
{
    private bool IsPrimOrder => _state.StartOrder is MirrorStartOrder.Prim or MirrorStartOrder.PrimFullSync or MirrorStartOrder.PrimForce;

    private bool IsSecondOrder => _state.StartOrder is MirrorStartOrder.Second or MirrorStartOrder.SecondFullSync;

    private void AwaitRole()
    {
        _state = _state with { Intent = MirrorIntent.None, Awaits = MirrorWait.Role };
        AskPeerAgain();
    }

    /// <summary>Two nodes that start together lead both, unless each knows that the other has heard of it before it decides.</summary>
    private void AskPeerAgain()
    {
        _state = _state with { Status = ModuleStatus.Transient, WaitNumber = _state.Announced.Number + 1, WaitSinceNs = nowNs };
        _announcesAgain = true;
    }

    private void DecideRole()
    {
        if (Peer.IsHeardLeading)
        {
            DecideBesidePrimary();
            return;
        }

        _state = _state with { Refusal = null, StartOrder = IsSecondOrder ? MirrorStartOrder.None : _state.StartOrder };
        if (!Peer.IsHeard && !Peer.IsLost)
            Hesitate("heartbeat", $"listening for {Peer.Name}");
        else if (IsPrimOrder)
            LeadByOrder();
        else if (_state.FailoverBlocked)
            Block("failover-off", "the primary has gone, and failover is off", "safekit prim");
        else
            DecideByData();
    }

    private void DecideBesidePrimary()
    {
        if (IsPrimOrder)
        {
            Log(Administrator, $"prim is given up: {Peer.Name} has become the primary");
            _state = _state with { StartOrder = MirrorStartOrder.None };
        }

        _state = _state with { FailoverBlocked = false };
        var verdict = settings.HasData && !IsSecondOrder
            ? _state.Refusal ?? Peer.Verdict
            : new(MirrorChoice.Follow, $"{Peer.Name} is the primary");
        if (verdict is null)
            Hesitate("heartbeat", $"{Peer.Name} is the primary and has not said with which data");
        else if (verdict.Choice == MirrorChoice.Follow)
            Follow(verdict.Rule);
        else
            Block(NotUpToDate, verdict.Rule, verdict.Remedy);
    }

    private void DecideByData()
    {
        var verdict = settings.HasData ? Peer.Verdict : ChooseWithoutData();
        if (verdict is null)
            Hesitate("heartbeat", $"{Peer.Name} has not said anything of its data yet");
        else if (verdict.Choice == MirrorChoice.Lead || (Mistaken(MirrorMistake.LeadWhateverTheData) && Peer.IsLost))
            Lead(MirrorLeadOrder.Current, verdict.Rule);
        else if (verdict.Remedy.Length > 0)
            Block(NotUpToDate, verdict.Rule, verdict.Remedy);
        else
            Hesitate("start", verdict.Rule);
    }

    private MirrorVerdict ChooseWithoutData()
    {
        if (Peer.IsLost || Peer.Said.State is MirrorState.Stop or MirrorState.Unknown)
            return new(MirrorChoice.Lead, $"{Peer.Name} is not running");
        if (Peer.Said.State == MirrorState.Second)
            return new(MirrorChoice.Wait, $"{Peer.Name} decides whether it takes over");
        if (Peer.Said.Status == ModuleStatus.NotReady)
            return new(MirrorChoice.Lead, $"{Peer.Name} waits for something else");
        var first = settings.DefaultPrim == settings.NodeName
            || (settings.DefaultPrim != Peer.Name && string.CompareOrdinal(settings.NodeName, Peer.Name) < 0);
        return new(first ? MirrorChoice.Lead : MirrorChoice.Wait, first ? "both start: this node leads" : $"both start: {Peer.Name} leads");
    }

    private void LeadByOrder()
    {
        if (Peer is { IsHeard: true, Said: { State: MirrorState.Second, UpToDate: true } })
        {
            Hesitate(Administrator, $"prim waits: {Peer.Name} is up to date, and decides first whether it takes over");
            return;
        }

        var order = _state.StartOrder switch
        {
            MirrorStartOrder.PrimFullSync => MirrorLeadOrder.ForcedFullSync,
            MirrorStartOrder.Prim when Peer.Verdict?.Choice == MirrorChoice.Lead => MirrorLeadOrder.Current,
            _ => MirrorLeadOrder.Forced,
        };
        Lead(order, "the administrator says that this data is the good one");
    }

    private void Lead(MirrorLeadOrder order, string rule)
    {
        if (IsBlockedUnheard && !IsPrimOrder)
            return;
        if (_state.Status == ModuleStatus.NotReady)
            AskPeerAgain();
        if (IsUnheard && !Mistaken(MirrorMistake.LeadWithoutEcho) && !GoesOnUnheard())
            return;
        _state = _state with { Awaits = MirrorWait.None, ReturnsAsPrim = false };
        Decide("start", $"primary: {rule}");
        Run(MirrorIntent.None, MirrorModulePlans.Lead(order));
    }

    /// <summary>The other node has not heard yet that this one is about to lead.</summary>
    private bool IsUnheard => Peer.IsHeard && (Peer.Echo < _state.WaitNumber || _announcesAgain);

    private bool IsBlockedUnheard => IsUnheard && _state.Status == ModuleStatus.NotReady && _state.Rule == "heartbeat";

    /// <summary>
    /// A node that is not heard for the whole timeout will not be heard by waiting: the administrator is told, or has decided already.
    /// </summary>
    private bool GoesOnUnheard()
    {
        if (Peer.Late || nowNs - _state.WaitSinceNs < settings.HeartbeatTimeoutNs)
            return false;
        if (IsPrimOrder)
            return true;
        Block(
            "heartbeat",
            $"{Peer.Name} is heard but does not hear this node",
            $"{settings.OpenPorts} in the firewall of {Peer.Name}");
        return false;
    }

    private void Follow(string rule)
    {
        var full = _state.StartOrder == MirrorStartOrder.SecondFullSync;
        _state = _state with
        {
            Awaits = MirrorWait.None,
            Refusal = null,
            ReturnsAsPrim = settings.DefaultPrim == "lastprim" && _state.OwnData.WasPrimary,
        };
        Decide("start", $"secondary: {rule}");
        Run(MirrorIntent.None, MirrorModulePlans.Follow(full));
    }

    /// <summary>Something is about to be known that decides.</summary>
    private void Hesitate(string rule, string text)
    {
        if (_state.Status == ModuleStatus.NotReady)
            AskPeerAgain();
        if (_state.Rule != rule || _state.Remedy.Length > 0)
            Decide(rule, text);
        _state = _state with { Remedy = "" };
    }

    /// <summary>Nothing goes on until an administrator or the other node does something.</summary>
    private void Block(string rule, string text, string remedy)
    {
        if (_state.Status == ModuleStatus.NotReady && _state.Rule == rule && _state.Remedy == remedy)
            return;
        Decide(rule, remedy.Length > 0 ? $"wait: {text}; remedy: {remedy}" : $"wait: {text}");
        _state = _state with { Status = ModuleStatus.NotReady, Remedy = remedy };
    }
}
