namespace SafeKit.Modules;

/// <summary>What follows from what is known, whenever no transition is under way; and who stays where both lead.</summary>
internal sealed partial class MirrorModuleTurn
{
    private const string NotUpToDate = "notuptodate_server";

    /// <summary>Leading: is there a secondary that is or may be up to date?</summary>
    private bool HasSecond => settings.HasData
        ? _state.Link == MirrorLink.Paired || _state.BrokenSinceNs is not null || IsFormerPrimaryComing
        : !Peer.IsLost && Peer.Said is { State: MirrorState.Second, Status: ModuleStatus.Ready };

    private bool IsFormerPrimaryComing => _state.AwaitsFormerPrimary && Peer is { IsHeard: true, Said.State: MirrorState.Second };

    private bool CanHandOver => _state is { State: MirrorState.Prim, Status: ModuleStatus.Ready }
        && (!settings.HasData || _state.Link == MirrorLink.Paired)
        && Peer is { IsHeard: true, Said: { State: MirrorState.Second, Status: ModuleStatus.Ready, UpToDate: true } };

    private void OnPeerChanged(MirrorPeer peer)
    {
        if (peer.Presence != Peer.Presence && peer.Presence != MirrorPresence.Unknown)
            Log("heartbeat", peer.Presence == MirrorPresence.Heard ? $"{peer.Name} is heard" : $"no heartbeat of {peer.Name}{Reason(peer)}");
        NoteLateness(peer);
        _state = _state with { Peer = peer };
        if (IsSecond && peer.IsHeardLeading)
            _state = _state with { HandsOver = false };
        if (!peer.IsHeardLeading)
            _state = _state with { StaysBeside = false, MeetingNumber = 0 };
    }

    /// <summary>Begins at most one transition. True where one began and ended within this turn, so that another may follow.</summary>
    private bool React()
    {
        var before = _state;
        if (_state.Awaits == MirrorWait.Role)
            DecideRole();
        else if (_state.IsBusy)
            return false;
        else if (IsSecond)
            ReactAsSecond();
        else if (Leads)
            ReactAsLeader();
        return _state.State != before.State && (!_state.IsBusy || _state.Awaits == MirrorWait.Role);
    }

    private void ReactAsLeader()
    {
        if (!settings.HasData && HasSecond)
            _state = _state with { FormerRole = MirrorFormerRole.Primary };
        if (CanHandOver && (_state.WantsSwap || Peer.Said.AsksSwap))
            HandOver(_state.WantsSwap ? "defaultprim" : "swap", "swap");
        else if (_state.State == MirrorState.Alone && HasSecond)
            Run(MirrorIntent.None, MirrorModulePlans.AloneToPrim());
        else if (_state.State == MirrorState.Prim && !HasSecond)
            GoAlone();
    }

    private void GoAlone()
    {
        Decide("alone", $"alone: {Peer.Name} is no secondary any more");
        _state = _state with { AwaitsFormerPrimary = false };
        Run(MirrorIntent.None, MirrorModulePlans.PrimToAlone());
    }

    private void ReactAsSecond()
    {
        if (TakeOverRule() is { } rule)
            TakeOver(rule);
        else if (_state.Refusal is { } refusal)
            Order(MirrorIntent.StopWait, "refused", $"wait: {Peer.Name} refuses this node: {refusal.Rule}");
        else if (!CanFollowOn && IsPrimaryAway)
            Order(MirrorIntent.StopWait, NotUpToDate, $"wait: {Peer.Name} is not the primary any more, and this node's data is not up to date");
        else if (_state.Status == ModuleStatus.Transient && CanFollowOn)
            BecomeReady();
        else if (!CanFollowOn)
            _state = _state with { Status = ModuleStatus.Transient, AsksSwap = false };
    }

    private void BecomeReady()
    {
        _state = _state with { Status = ModuleStatus.Ready };
        if (!settings.HasData)
            _state = _state with { FormerRole = MirrorFormerRole.Secondary };
        SettleRule();
        if (!_state.ReturnsAsPrim)
            return;
        Log("defaultprim", $"lastprim: {Peer.Name} is asked to hand over");
        _state = _state with { ReturnsAsPrim = false, AsksSwap = true };
    }

    private void TakeOver(string rule)
    {
        var swaps = Peer is { IsHeard: true, Said: { AsksSwap: true, State: MirrorState.Second } };
        if (!settings.Failover && !swaps)
        {
            _state = _state with { FailoverBlocked = true };
            Order(MirrorIntent.StopWait, "failover-off", $"wait: {rule}, and failover is off; safekit prim makes this node the primary");
            return;
        }

        var to = swaps ? MirrorState.Prim : MirrorState.Alone;
        Decide(swaps ? "swap" : "heart", swaps ? $"{Peer.Name} has handed over" : $"alone called by heart: {rule}");
        _state = _state with { AsksSwap = false, HandsOver = false, AwaitsFormerPrimary = swaps, ReturnsAsPrim = false };
        Run(MirrorIntent.None, MirrorModulePlans.Promote(to, rule));
    }

    /// <summary>Both lead: the end of a split, or of a pause of this node.</summary>
    private void DecideMeeting()
    {
        if (!Leads || !Peer.IsHeardLeading || IsOvertaken(MirrorIntent.Demote) || Mistaken(MirrorMistake.NeverYield))
            return;
        var verdict = settings.HasData ? Peer.Meeting : MeetWithoutData();
        if (verdict is null)
            return;
        if (verdict.Choice == MirrorChoice.Lead)
        {
            if (_state.StaysBeside)
                return;
            _state = _state with { StaysBeside = true };
            Log("splitbrain", Once("staying alone: ", verdict.Rule));
            return;
        }

        var remedy = verdict.Remedy.Length > 0 ? $" ({verdict.Remedy})" : "";
        Order(MirrorIntent.Demote, "splitbrain", $"{Once("exiting alone: ", verdict.Rule)}{remedy}");
        if (_state.Pending == MirrorIntent.Demote && _state.HoldsAddress && _state.Awaits != MirrorWait.AddressSet)
            GiveUpAddressAtOnce();
    }

    /// <summary>The role is given up only once the running script has ended; no client is to be answered here meanwhile.</summary>
    private void GiveUpAddressAtOnce()
    {
        if (Mistaken(MirrorMistake.KeepAddressWhenDemoted))
            return;
        _state = _state with { HoldsAddress = false };
        _actions.Add(new MirrorAction.RemoveVirtualAddress());
    }

    private static string Once(string prefix, string rule) => rule.StartsWith(prefix, StringComparison.Ordinal) ? rule : prefix + rule;

    private MirrorVerdict MeetWithoutData()
    {
        var (own, other) = (Rank(_state.FormerRole), Rank(Peer.Said.FormerRole));
        var stays = own == other ? string.CompareOrdinal(settings.NodeName, Peer.Name) < 0 : own > other;
        var rule = own == other ? "the lower name stays" : "the former primary stays";
        return stays && IsUnheardAtMeeting()
            ? new(MirrorChoice.Wait, $"{Peer.Name} does not hear this node, and will never yield")
            : new(stays ? MirrorChoice.Lead : MirrorChoice.Wait, rule);
    }

    /// <summary>Asks the other node for an echo; true once none has come for the whole timeout.</summary>
    private bool IsUnheardAtMeeting()
    {
        if (_state.MeetingNumber == 0)
        {
            _state = _state with { MeetingNumber = _state.Announced.Number + 1, MeetingSinceNs = nowNs };
            _announcesAgain = true;
        }

        return Peer.Echo < _state.MeetingNumber && !Peer.Late && nowNs - _state.MeetingSinceNs >= settings.HeartbeatTimeoutNs;
    }

    private static int Rank(MirrorFormerRole role) => role switch
    {
        MirrorFormerRole.Primary => 2,
        MirrorFormerRole.None => 1,
        _ => 0,
    };

    private static string Reason(MirrorPeer peer) =>
        peer.LeftInGoodOrder ? ": it left in good order" : peer.Late ? ", but this node was late itself" : "";
}
