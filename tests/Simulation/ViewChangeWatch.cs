using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>Follows the next view of a farm from the decision of its leader, the first node, to the last member's filter.</summary>
internal sealed class ViewChangeWatch
{
    private readonly Cluster _cluster;
    private long _proposedNs;
    private long _releasedNs;
    private long _activatedNs;
    private long _acquiredNs;
    private ViewId _view;

    public ViewChangeWatch(Cluster cluster)
    {
        _cluster = cluster;
        cluster.OnDecision = Note;
    }

    public bool IsOver { get; private set; }

    /// <summary>Without the time between the last release and the activation, in which a fence may run.</summary>
    public long SwitchNs => _acquiredNs - _activatedNs + _releasedNs - _proposedNs;

    private void Note(SimulatedNode node, MembershipDecision decision)
    {
        long nowNs = _cluster.NowNs;
        if (node.Index == 0 && decision.Rule == "propose" && _proposedNs == 0)
            _proposedNs = nowNs;
        if (_proposedNs == 0 || IsOver)
            return;
        if (node.Index == 0 && decision.Rule == "release")
            _view = node.Core!.PromisedView!.Id;
        if (decision.Rule == "release" && node.Core!.PromisedView!.Id == _view)
            _releasedNs = nowNs;
        if (node.Index == 0 && decision.Rule == "activate")
            _activatedNs = nowNs;
        if (decision.Rule != "acquire")
            return;
        _acquiredNs = nowNs;
        IsOver = _cluster.Nodes.All(other => other.Core is null || other.Core.ActiveViewForChecks?.Id == _view);
    }
}
