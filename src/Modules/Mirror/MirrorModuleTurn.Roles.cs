namespace SafeKit.Modules;

/// <summary>Who leads: at the start, when the other node goes, and when both do.</summary>
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
        _state = _state with { Peer = peer };
        if (IsSecond && peer.IsHeardLeading)
            _state = _state with { HandsOver = false };
        if (!peer.IsHeardLeading)
            _state = _state with { StaysBeside = false };
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

    /// <summary>
    /// Null: the primary may still be there, or it has gone on without this node. While the data still comes from it, it is there, whatever the heartbeats say. The time
    /// since this node became a rival counts too, for only from then on does the primary ask for its consent.
    /// </summary>
    private string? TakeOverRule()
    {
        if (settings.HasData && (!_state.IsUpToDate || !_state.PrimaryGone || Peer.HasNewerData))
            return null;
        if (Peer.IsHeard && !Peer.Said.Leads)
            return _state.HandsOver && Peer.Said.State == MirrorState.Second ? null : "remote stop";
        if (Peer.IsLost && Peer.LeftInGoodOrder)
            return "remote stop";
        var isRivalLongEnough = !settings.HasData || nowNs - _state.UpToDateSinceNs >= settings.HeartbeatTimeoutNs;
        return Peer.IsLost && isRivalLongEnough ? "no heartbeat" : null;
    }

    private bool IsPrimaryAway => Peer.IsHeard
        ? !Peer.Said.Leads && !(_state.HandsOver && Peer.Said.State == MirrorState.Second)
        : Peer.IsLost && _state.PrimaryGone;

    /// <summary>The primary goes on alone: this node must never lead with what it has, and says so once that is on disk.</summary>
    private void DecideOutdated()
    {
        if (!IsSecond || !DataFollows || !_state.IsUpToDate || !_state.PrimaryGone || !Peer.IsHeard || (!Peer.Said.GoesAlone && !Peer.HasNewerData))
            return;
        _state = _state with { IsUpToDate = false, DeclaresOutdated = true, Status = ModuleStatus.Transient };
        Decide(NotUpToDate, $"{Peer.Name} goes on without this node");
        _actions.Add(new MirrorAction.DeclareOutdated("the primary goes on alone"));
    }

    /// <summary>
    /// A primary goes on without its secondary only once that one cannot take over: it knows that it is outdated, or it is not running, and it said so
    /// after it had heard; or nothing is heard of it.
    /// </summary>
    private void DecideDetach()
    {
        if (!DataLeads || _state.Link != MirrorLink.None || _state.BrokenSinceNs is not { } sinceNs)
            return;
        var hasHeard = Peer.IsHeard && Peer.Echo >= _state.GoesAloneNumber && _state.Announced.Number >= _state.GoesAloneNumber;
        if (hasHeard && Peer.Said.KnowsItIsOutdated)
            Detach($"{Peer.Name} knows that it is outdated");
        else if (hasHeard && Peer.Said.State is MirrorState.Stop or MirrorState.Wait)
            Detach("remote stop");
        else if (Peer.IsLost && (Peer.LeftInGoodOrder || nowNs - sinceNs >= settings.GoingAloneTimeNs))
            Detach(Peer.LeftInGoodOrder ? "remote stop" : "no heartbeat");
    }

    private void Detach(string rule)
    {
        _state = _state with { BrokenSinceNs = null, WentAlone = true };
        Decide("heart", $"going on alone: {rule}");
        _actions.Add(new MirrorAction.Detach(rule));
    }

    /// <summary>Both lead: the end of a split, or of a pause of this node.</summary>
    private void DecideMeeting()
    {
        if (!Leads || !Peer.IsHeardLeading || _state.StaysBeside || IsOvertaken(MirrorIntent.Demote))
            return;
        var verdict = settings.HasData ? Peer.Meeting : MeetWithoutData();
        if (verdict is null)
            return;
        if (verdict.Choice == MirrorChoice.Lead)
        {
            _state = _state with { StaysBeside = true };
            Log("splitbrain", $"staying alone: {verdict.Rule}");
            return;
        }

        var remedy = verdict.Remedy.Length > 0 ? $" ({verdict.Remedy})" : "";
        Order(MirrorIntent.Demote, "splitbrain", $"exiting alone: {verdict.Rule}{remedy}");
    }

    private MirrorVerdict MeetWithoutData()
    {
        var (own, other) = (Rank(_state.FormerRole), Rank(Peer.Said.FormerRole));
        var stays = own == other ? string.CompareOrdinal(settings.NodeName, Peer.Name) < 0 : own > other;
        var rule = own == other ? "the lower name stays" : "the former primary stays";
        return new(stays ? MirrorChoice.Lead : MirrorChoice.Wait, rule);
    }

    private static int Rank(MirrorFormerRole role) => role switch
    {
        MirrorFormerRole.Primary => 2,
        MirrorFormerRole.None => 1,
        _ => 0,
    };

    private static string Reason(MirrorPeer peer) => peer.LeftInGoodOrder ? ": it left in good order" : peer.Late ? ", but this node was late itself" : "";
}
