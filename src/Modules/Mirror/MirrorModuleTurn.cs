using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>
/// One decision in the making. The parts beside this one hold orders, the steps of a transition, resources, what the data tells, and the roles with
/// what the other node says.
/// </summary>
internal sealed partial class MirrorModuleTurn(MirrorModuleSettings settings, MirrorModuleState state, long nowNs)
{
    private const string Administrator = "administrator";

    /// <summary>A turn begins this many transitions at most, so that no contradiction in what it was told can keep it busy for ever.</summary>
    private const int TransitionsMax = 8;

    private readonly List<MirrorAction> _actions = [];
    private MirrorModuleState _state = state;
    private bool _announcesAgain;

    private bool Leads => _state.State is MirrorState.Alone or MirrorState.Prim;

    private bool IsSecond => _state.State == MirrorState.Second;

    private MirrorPeer Peer => _state.Peer;

    private bool Mistaken(MirrorMistake mistake) => (settings.Mistake & mistake) != 0;

    public MirrorModuleDecision ToDecision()
    {
        DecideOutdated();
        DecideDetach();
        DecideMeeting();
        for (var transition = 0; transition < TransitionsMax && React(); transition++)
            DecideMeeting();
        ExplainLateness();
        Announce();
        _state = _state with { DeadlineNs = NextDeadlineNs() is { } deadlineNs && deadlineNs > nowNs ? deadlineNs : null };
        return new(_state, _actions);
    }

    public void OnNews(MirrorEvent happened)
    {
        switch (happened)
        {
            case MirrorEvent.ScriptEnded ended:
                OnScriptEnded(ended);
                break;
            case MirrorEvent.CheckerChanged changed:
                OnCheckerChanged(changed);
                break;
            case MirrorEvent.PeerChanged(var peer):
                OnPeerChanged(peer);
                break;
            case MirrorEvent.AddressSet:
                Answer(MirrorWait.AddressSet);
                break;
            case MirrorEvent.AddressRemoved:
                Answer(MirrorWait.AddressRemoved);
                break;
        }
    }

    /// <summary>What the heartbeats say, where it has changed; it is numbered, so that the other node's echo tells what it had heard.</summary>
    private void Announce()
    {
        var next = _state.Announced with
        {
            State = _state.State,
            Status = _state.Status,
            UpToDate = IsSecond && CanFollowOn,
            GoesAloneNumber = Leads && (_state.BrokenSinceNs is not null || _state.WentAlone) ? _state.GoesAloneNumber : 0,
            KnowsItIsOutdated = KnowsItIsOutdated,
            AsksSwap = _state.AsksSwap || _state.HandsOver,
            FormerRole = _state.FormerRole,
            Rule = _state.Rule,
        };
        if (!_announcesAgain && next == _state.Announced)
            return;
        next = next with { Number = next.Number + 1 };
        _state = _state with { Announced = next };
        _actions.Add(new MirrorAction.Announce(next));
    }

    private long? NextDeadlineNs()
    {
        if (!Peer.IsLost)
            return NextDeadlineOfHeardNs();
        return _state switch
        {
            { DataMode: MirrorDataMode.Leading, BrokenSinceNs: { } sinceNs } => sinceNs + settings.GoingAloneTimeNs,
            { DataMode: MirrorDataMode.Following, IsUpToDate: true, PrimaryGone: true } => _state.UpToDateSinceNs + settings.HeartbeatTimeoutNs,
            _ => null,
        };
    }

    /// <summary>A node that is heard, and does not hear this one, never answers.</summary>
    private long? NextDeadlineOfHeardNs()
    {
        if (!Peer.IsHeard)
            return null;
        return _state switch
        {
            { DataMode: MirrorDataMode.Leading, BrokenSinceNs: { } sinceNs } when IsHeardStopped => sinceNs + settings.HeartbeatTimeoutNs,
            { Awaits: MirrorWait.Role, Status: ModuleStatus.Transient } when Peer.Echo < _state.WaitNumber =>
                _state.WaitSinceNs + settings.HeartbeatTimeoutNs,
            { MeetingNumber: > 0 } when Leads && Peer.Echo < _state.MeetingNumber => _state.MeetingSinceNs + settings.HeartbeatTimeoutNs,
            _ => null,
        };
    }

    private void Decide(string rule, string text)
    {
        _state = _state with { Rule = rule };
        Log(rule, text);
    }

    private void Log(string rule, string text) => _actions.Add(new MirrorAction.Log(rule, text));
}
