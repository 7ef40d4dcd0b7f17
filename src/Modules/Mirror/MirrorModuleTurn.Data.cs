namespace SafeKit.Modules;

/// <summary>What the data is told, and what it tells.</summary>
internal sealed partial class MirrorModuleTurn
{
    private bool DataLeads => _state.DataMode == MirrorDataMode.Leading;

    private bool DataFollows => _state.DataMode == MirrorDataMode.Following;

    /// <summary>A secondary that could take over as far as its data is concerned.</summary>
    private bool CanFollowOn => !settings.HasData || _state.IsUpToDate;

    private bool KnowsItIsOutdated => IsSecond && DataFollows && !_state.IsUpToDate && !_state.DeclaresOutdated
        && _state.OwnData.Standing is MirrorDataStanding.Outdated or MirrorDataStanding.Inconsistent or MirrorDataStanding.Unknown;

    public bool TryData(MirrorEvent happened)
    {
        switch (happened)
        {
            case MirrorEvent.OwnDataChanged(var data):
                OnOwnData(data);
                return true;
            case MirrorEvent.DataLeading:
                Answer(MirrorWait.DataLeading);
                return true;
            case MirrorEvent.DataStopped:
                Answer(MirrorWait.DataStopped);
                return true;
            case MirrorEvent.DataFailed(var reason):
                OnDataFailed(reason);
                return true;
            case MirrorEvent.Promoted:
                Answer(MirrorWait.Promoted);
                return true;
            case MirrorEvent.PromoteFailed(var reason):
                OnPromoteFailed(reason);
                return true;
            case MirrorEvent.PeerAttached or MirrorEvent.PeerUpToDate or MirrorEvent.PeerLost:
                if (DataLeads)
                    OnLinkChanged(happened);
                return true;
            case MirrorEvent.FollowerUpToDate or MirrorEvent.PrimaryLost or MirrorEvent.FollowerRefused or MirrorEvent.OutdatedDeclared:
                if (DataFollows)
                    OnFollowing(happened);
                return true;
            default:
                return false;
        }
    }

    private void StartLeading(MirrorLeadOrder order)
    {
        _state = _state with
        {
            Link = MirrorLink.None,
            BrokenSinceNs = null,
            WentAlone = false,
            StaysBeside = false,
            StartOrder = MirrorStartOrder.None,
        };
        if (!settings.HasData)
            return;
        _state = _state with { DataMode = MirrorDataMode.Leading, Awaits = MirrorWait.DataLeading };
        _actions.Add(new MirrorAction.StartLeading(order));
    }

    private void StartFollowing(bool full)
    {
        _state = _state with { StartOrder = MirrorStartOrder.None, AsksSwap = false };
        if (!settings.HasData)
            return;
        _state = _state with { DataMode = MirrorDataMode.Following, KnownGoingAlone = Peer.Said.GoesAloneNumber };
        _actions.Add(new MirrorAction.StartFollowing(full));
    }

    private void Promote(string rule)
    {
        if (!settings.HasData)
            return;
        ForgetLink();
        _state = _state with { DataMode = MirrorDataMode.Leading, Awaits = MirrorWait.Promoted };
        _actions.Add(new MirrorAction.Promote(rule));
    }

    /// <summary>From here on nobody is released any more: what the other node has is all that anyone was told, or it has been told that it is outdated.</summary>
    private void StopData()
    {
        ForgetLink();
        _state = _state with { DataMode = MirrorDataMode.None, Awaits = MirrorWait.DataStopped };
        _actions.Add(new MirrorAction.StopData());
    }

    private void ForgetLink() => _state = _state with
    {
        Link = MirrorLink.None,
        BrokenSinceNs = null,
        WentAlone = false,
        StaysBeside = false,
        IsUpToDate = false,
        PrimaryGone = false,
        DeclaresOutdated = false,
        MissedSomething = false,
    };

    private void OnOwnData(MirrorOwnData data)
    {
        _state = _state with { OwnData = data };
        if (data.Standing is MirrorDataStanding.Inconsistent or MirrorDataStanding.Outdated)
            _state = _state with { IsUpToDate = false };
    }

    private void OnDataFailed(string reason)
    {
        if (_state.DataMode == MirrorDataMode.None)
        {
            Log("data_failure", reason);
            return;
        }

        if (_state.Awaits is MirrorWait.DataLeading or MirrorWait.Promoted)
            _state = _state with { Awaits = MirrorWait.None, Steps = [] };
        OrderCounted(MirrorIntent.StopStart, "data_failure", $"stopstart: {reason}");
        if (_state.RunningScript is null && _state.Awaits == MirrorWait.None)
            Continue();
    }

    private void OnPromoteFailed(string reason)
    {
        if (_state.Awaits != MirrorWait.Promoted)
            return;
        _state = _state with { Awaits = MirrorWait.None, Steps = [] };
        OrderCounted(MirrorIntent.StopStart, "promote_failure", $"stopstart: {reason}");
        if (_state.RunningScript is null && _state.Awaits == MirrorWait.None)
            Continue();
    }

    private void OnLinkChanged(MirrorEvent happened)
    {
        switch (happened)
        {
            case MirrorEvent.PeerAttached(var rule):
                _state = _state with { Link = MirrorLink.Attached };
                Log("reintegration", $"{Peer.Name} has connected: {rule}");
                break;
            case MirrorEvent.PeerUpToDate:
                OnPeerUpToDate();
                break;
            case MirrorEvent.PeerLost lost:
                OnPeerLost(lost);
                break;
        }
    }

    private void OnPeerUpToDate()
    {
        var wantsSwap = settings.DefaultPrim == Peer.Name && Peer.Name.Length > 0 && !_state.AwaitsFormerPrimary;
        _state = _state with
        {
            Link = MirrorLink.Paired,
            BrokenSinceNs = null,
            WentAlone = false,
            FormerRole = MirrorFormerRole.Primary,
            WantsSwap = wantsSwap,
            AwaitsFormerPrimary = false,
        };
        Log("reintegration", $"{Peer.Name} is up to date");
    }

    /// <summary>
    /// Whoever waits for the other node is not released here: it may be alive and about to take over with what it has. Only its goodbye settles that at once.
    /// </summary>
    private void OnPeerLost(MirrorEvent.PeerLost lost)
    {
        _state = _state with { Link = MirrorLink.None, WantsSwap = false };
        var reason = lost.Reason.Length > 0 ? $": {lost.Reason}" : "";
        Log("replication", $"the connection to {Peer.Name} has ended{(lost.Orderly ? " in good order" : "")}{reason}");
        if (!lost.WasPaired && _state.BrokenSinceNs is null)
            return;
        _state = _state with { BrokenSinceNs = nowNs, GoesAloneNumber = _state.Announced.Number + 1 };
        _announcesAgain = true;
        if (lost.Orderly)
            Detach("remote stop");
        else
            Decide("peer_lost", $"before going on alone it must be sure that {Peer.Name} does not take over");
    }

    private static MirrorDataStanding Older(MirrorDataStanding standing) =>
        standing is MirrorDataStanding.Paired or MirrorDataStanding.Alone ? MirrorDataStanding.Outdated : standing;

    private void OnFollowing(MirrorEvent happened)
    {
        switch (happened)
        {
            case MirrorEvent.FollowerUpToDate:
                _state = _state with
                {
                    IsUpToDate = true,
                    UpToDateSinceNs = nowNs,
                    PrimaryGone = false,
                    DeclaresOutdated = false,
                    HandsOver = false,
                    FormerRole = MirrorFormerRole.Secondary,
                    OwnData = _state.OwnData with { Standing = MirrorDataStanding.Paired, WasPrimary = false },
                };
                Log("reintegration", "this node is up to date");
                break;
            case MirrorEvent.PrimaryLost lost:
                _state = _state with { PrimaryGone = true, IsUpToDate = _state.IsUpToDate && lost.UpToDate };
                var reason = lost.Reason.Length > 0 ? $": {lost.Reason}" : "";
                Log("replication", $"no connection to {Peer.Name}{(lost.Orderly ? ", which left in good order" : "")}{reason}");
                break;
            case MirrorEvent.FollowerRefused(var rule, var remedy):
                _state = _state with { Refusal = new(MirrorChoice.Wait, rule, remedy) };
                break;
            case MirrorEvent.OutdatedDeclared when _state.DeclaresOutdated:
                _state = _state with
                {
                    DeclaresOutdated = false,
                    IsUpToDate = false,
                    OwnData = _state.OwnData with { Standing = Older(_state.OwnData.Standing) },
                };
                break;
        }
    }
}
