namespace SafeKit.Mirror.Generations;

/// <summary>
/// Who leads, from two records (reference sections 2.3 and 2.4). Pure. Of two nodes that see each other, at most one gets <see cref="LeadAction.Lead"/>, and only with data
/// to which nobody can have newer.
/// </summary>
public static partial class LeadDecision
{
    /// <summary>Whether a node may lead when its module starts, or when something has changed while it waits.</summary>
    public static LeadVerdict Decide(string ownName, GenerationRecord own, PeerSight peer)
    {
        if (peer.Leads)
            return DecideBesideLeader(own, peer);
        if (peer.Record is null)
            return DecideUnseen(own, peer);
        GenerationVerdict verdict = GenerationComparison.Compare(own, peer.Record);
        return verdict.Relation switch
        {
            GenerationRelation.Same => DecideSame(ownName, own, peer),
            GenerationRelation.OwnIsNewer => DecideNewer(own, peer, verdict),
            GenerationRelation.PeerUnusable => DecideBesideUnusable(own, peer, verdict),
            GenerationRelation.PeerIsNewer or GenerationRelation.OwnUnusable => new(
                LeadAction.Wait, $"{peer.Name} has newer data: {verdict.Rule}", WaitForPeer(peer.Name, own)),
            GenerationRelation.NeitherUsable => new(LeadAction.Wait, verdict.Rule, ChooseGoodData),
            _ => new(LeadAction.Wait, $"both have changes: {verdict.Rule}", ChooseBetween),
        };
    }

    private static LeadVerdict DecideBesideLeader(GenerationRecord own, PeerSight peer)
    {
        if (!GenerationComparison.IsUsable(own))
            return new(LeadAction.Follow, $"{peer.Name} leads; nothing is lost here");
        if (peer.Record is null)
            return new(LeadAction.Wait, $"{peer.Name} leads and has not said with which data");
        GenerationVerdict verdict = GenerationComparison.Compare(own, peer.Record);
        return verdict.Relation is GenerationRelation.Same or GenerationRelation.PeerIsNewer
            ? new(LeadAction.Follow, $"{peer.Name} leads: {verdict.Rule}")
            : new(LeadAction.Wait, $"{peer.Name} leads without changes that are here: {verdict.Rule}", GiveUpOwn(peer.Name));
    }

    /// <summary>Nothing is known of the peer's data: it may have gone on from wherever this node stopped, unless this node was the one that went on.</summary>
    private static LeadVerdict DecideUnseen(GenerationRecord own, PeerSight peer)
    {
        if (!GenerationComparison.IsUsable(own))
            return new(LeadAction.Wait, Describe(own), WaitForPeer(peer.Name, own));
        return own.Standing switch
        {
            DataStanding.Alone => new(LeadAction.Lead, "this node led alone: nobody has newer data"),
            DataStanding.Paired => new(LeadAction.Wait, $"{peer.Name} may have gone on", WaitForPeer(peer.Name, own)),
            _ => new(LeadAction.Wait, Describe(own), WaitForPeer(peer.Name, own)),
        };
    }

    private static LeadVerdict DecideSame(string ownName, GenerationRecord own, PeerSight peer)
    {
        GenerationRecord other = peer.Record!;
        if (peer.Activity == PeerActivity.Second)
            return new(LeadAction.Wait, $"{peer.Name} has the same data and decides whether it takes over");
        if (peer.Activity == PeerActivity.Stop)
            return DecideBesideStopped(own, peer);
        bool leads = own.WasPrimary == other.WasPrimary ? IsLower(ownName, peer.Name) : own.WasPrimary;
        string why = own.WasPrimary == other.WasPrimary ? "the lower name leads" : "the former primary leads";
        return leads
            ? new(LeadAction.Lead, $"same data: {why}")
            : new(LeadAction.Wait, $"same data: {why}, which is {peer.Name}");
    }

    /// <summary>
    /// A stopped module's data stands still. That of a former primary may still hold what the other node had received and lost with its memory, unless both left at the same
    /// operation.
    /// </summary>
    private static LeadVerdict DecideBesideStopped(GenerationRecord own, PeerSight peer)
    {
        GenerationRecord other = peer.Record!;
        bool sameEnd = own.Epoch != 0 && own.AppliedSequence != 0
            && own.Epoch == other.Epoch && own.AppliedSequence == other.AppliedSequence;
        return own.WasPrimary || !other.WasPrimary || sameEnd
            ? new(LeadAction.Lead, $"{peer.Name} is stopped and has the same data")
            : new(LeadAction.Wait, $"{peer.Name} is stopped and was the primary", StartPeer(peer.Name));
    }

    private static LeadVerdict DecideNewer(GenerationRecord own, PeerSight peer, GenerationVerdict verdict)
    {
        if (own.Standing == DataStanding.Outdated)
            return new(LeadAction.Wait, Describe(own), ChooseGoodData);

        // A secondary that is up to date may be taking over at this very moment.
        return peer.Activity == PeerActivity.Second && peer.Record!.Standing == DataStanding.Paired
            ? new(LeadAction.Wait, $"{peer.Name} is up to date and decides whether it takes over")
            : new(LeadAction.Lead, $"newer than {peer.Name}: {verdict.Rule}");
    }

    /// <summary>
    /// The peer has lost its record or its data. Had it gone on before that, nobody can tell: only data that led alone, or that a secondary broke while it
    /// followed, is surely the newest.
    /// </summary>
    private static LeadVerdict DecideBesideUnusable(GenerationRecord own, PeerSight peer, GenerationVerdict verdict)
    {
        GenerationRecord other = peer.Record!;
        bool brokeFollowing = own.Standing == DataStanding.Paired && own.WasPrimary
            && other.Standing == DataStanding.Inconsistent && other.Current == own.Current;
        return own.Standing == DataStanding.Alone || brokeFollowing
            ? new(LeadAction.Lead, verdict.Rule)
            : new(LeadAction.Wait, $"{verdict.Rule}; {peer.Name} may have gone on before", ChooseGoodData);
    }

    private static bool IsLower(string ownName, string peerName) => string.CompareOrdinal(ownName, peerName) < 0;
}
