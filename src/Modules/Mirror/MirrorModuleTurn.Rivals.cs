namespace SafeKit.Modules;

/// <summary>
/// What a primary and its up-to-date secondary decide about each other when they lose sight of one another: neither may act as long as the other
/// might, too.
/// </summary>
internal sealed partial class MirrorModuleTurn
{
    private const string Lateness = "late";

    /// <summary>A secondary that is not up to date has lost its primary.</summary>
    private bool IsPrimaryAway => Peer.IsHeard
        ? !Peer.Said.Leads && !(_state.HandsOver && Peer.Said.State == MirrorState.Second)
        : Peer.IsLost && _state.PrimaryGone;

    /// <summary>Somebody waits for the other node, which does not lead as far as is known: the administrator may decide.</summary>
    private bool CanDetachByOrder => DataLeads && _state.Link == MirrorLink.None && _state.BrokenSinceNs is not null && !Peer.IsHeardLeading;

    /// <summary>
    /// The other node has stopped and is heard, whether or not it hears this one: what it said last is younger than the end of the connection.
    /// </summary>
    private bool IsHeardStopped => Peer is { IsHeard: true, Late: false, HasNewerData: false, Said.State: MirrorState.Stop or MirrorState.Wait };

    private bool HearsOfGoingAlone => Peer.IsHeard && Peer.Said.GoesAlone && Peer.Said.GoesAloneNumber != _state.KnownGoingAlone;

    private bool HearsOfNewerData => Peer.IsHeard && Peer.HasNewerData && _state.IsUpToDate && _state.PrimaryGone;

    /// <summary>
    /// A node that was late has missed something: the other may have taken over, or gone on alone, and be gone again. Its silence decides nothing
    /// until it has been heard to answer.
    /// </summary>
    private void NoteLateness(MirrorPeer peer)
    {
        var isRival = DataFollows || (DataLeads && (_state.Link != MirrorLink.None || _state.BrokenSinceNs is not null));
        if (peer.Late && !Peer.Late && isRival)
        {
            _state = _state with { MissedSomething = true, LateNumber = _state.Announced.Number + 1 };
            _announcesAgain = true;
            Log(Lateness, $"this node was late: {peer.Name} has to be heard before its silence means anything");
        }
        else if (_state.MissedSomething && peer.IsHeard && peer.Echo >= _state.LateNumber)
        {
            _state = _state with { MissedSomething = false };
            if (_state.Rule == Lateness)
                _state = _state with { Rule = _state.BrokenSinceNs is null ? "" : "peer_lost", Remedy = "" };
        }
    }

    /// <summary>Silence that decides nothing because this node was late itself may last for ever: what the administrator can do is said.</summary>
    private void ExplainLateness()
    {
        if (!_state.MissedSomething || !Peer.IsLost || Peer.LeftInGoodOrder || _state.IsBusy)
            return;
        if (CanDetachByOrder)
            Explain($"{Peer.Name} may have taken over while this node was late", "safekit prim here: go on alone");
        else if (IsSecond && CanFollowOn && (_state.PrimaryGone || !settings.HasData))
            Explain($"{Peer.Name} may have gone on while this node was late", $"if {Peer.Name} is really down: safekit stop, then safekit prim here");
    }

    private void Explain(string text, string remedy)
    {
        if (_state.Rule == Lateness && _state.Remedy == remedy)
            return;
        Decide(Lateness, $"{text}; {remedy}");
        _state = _state with { Remedy = remedy };
    }

    /// <summary>
    /// Null: the primary may still be there, or it has gone on without this node. While the data still comes from it, it is there, whatever the
    /// heartbeats say.
    /// </summary>
    private string? TakeOverRule()
    {
        if (settings.HasData && (!_state.IsUpToDate || Peer.HasNewerData))
            return null;
        if (settings.HasData && !_state.PrimaryGone && !Mistaken(MirrorMistake.TakeOverBesidePrimary))
            return null;
        if (Peer.IsLost || (Mistaken(MirrorMistake.TakeOverWhileLate) && Peer.Presence == MirrorPresence.Lost))
            return TakeOverLostRule();
        if (!Peer.IsHeard || Peer.Said.Leads)
            return null;
        return _state.HandsOver && Peer.Said.State == MirrorState.Second ? null : "remote stop";
    }

    /// <summary>The time since this node became a rival counts too, for only from then on does the primary ask for its consent.</summary>
    private string? TakeOverLostRule()
    {
        if (Peer.LeftInGoodOrder)
            return "remote stop";
        if (_state.MissedSomething && !Mistaken(MirrorMistake.TakeOverWhileLate))
            return null;
        return !settings.HasData || nowNs - _state.UpToDateSinceNs >= settings.HeartbeatTimeoutNs ? "no heartbeat" : null;
    }

    /// <summary>
    /// The primary goes on alone: this node must never lead with what it has, nor with what is still on its way from before; it says so once its
    /// data has been told.
    /// </summary>
    private void DecideOutdated()
    {
        if (!DataFollows || (!HearsOfGoingAlone && !HearsOfNewerData) || Mistaken(MirrorMistake.IgnoreGoingAlone))
            return;
        _state = _state with
        {
            IsUpToDate = false,
            DeclaresOutdated = true,
            KnownGoingAlone = Peer.Said.GoesAloneNumber,
            Status = IsSecond ? ModuleStatus.Transient : _state.Status,
        };
        Decide(NotUpToDate, $"{Peer.Name} goes on without this node");
        _actions.Add(new MirrorAction.DeclareOutdated("the primary goes on alone"));
    }

    /// <summary>
    /// A primary goes on without its secondary only once that one cannot take over: it knows that it is outdated, or it is not running, and it said
    /// so after it had heard; or nothing is heard of it.
    /// </summary>
    private void DecideDetach()
    {
        if (!DataLeads || _state.Link != MirrorLink.None || _state.BrokenSinceNs is not { } sinceNs)
            return;
        var isAnswer = Peer.Echo >= _state.GoesAloneNumber && _state.Announced.Number >= _state.GoesAloneNumber;
        if (IsMistakenDetach())
            Detach("a planted mistake");
        else if (isAnswer && Peer.HasNewerData)
            GiveWay();
        else if (Peer.IsHeard && (isAnswer || Mistaken(MirrorMistake.BelieveOldEcho)))
            DetachFromHeard();
        else if (IsHeardStopped && nowNs - sinceNs >= settings.HeartbeatTimeoutNs)
            Detach("remote stop");
        else if (Peer.IsLost && Peer.LeftInGoodOrder)
            Detach("remote stop");
        else if (Peer.IsLost && !_state.MissedSomething && nowNs - sinceNs >= settings.GoingAloneTimeNs)
            Detach("no heartbeat");
    }

    private void DetachFromHeard()
    {
        if (Peer.Said.KnowsItIsOutdated)
            Detach($"{Peer.Name} knows that it is outdated");
        else if (Peer.Said.State is MirrorState.Stop or MirrorState.Wait)
            Detach("remote stop");
    }

    private void Detach(string rule)
    {
        _state = _state with { BrokenSinceNs = null, WentAlone = true, Remedy = "" };
        Decide("heart", $"going on alone: {rule}");
        _actions.Add(new MirrorAction.Detach(rule));
    }

    /// <summary>The other node took over while this one was not looking, and has stopped since.</summary>
    private void GiveWay()
    {
        if (!IsOvertaken(MirrorIntent.StopWait))
            Order(MirrorIntent.StopWait, NotUpToDate, $"wait: {Peer.Name} has taken over meanwhile, and has newer data");
    }

    private bool IsMistakenDetach() => Mistaken(MirrorMistake.DetachAtOnce)
        || (Mistaken(MirrorMistake.DetachWhileLate) && Peer.Presence == MirrorPresence.Lost);
}
