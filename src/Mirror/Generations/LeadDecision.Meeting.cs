namespace SafeKit.Mirror.Generations;

public static partial class LeadDecision
{
    /// <summary>
    /// Two nodes that both lead have found each other: which one stays. <see cref="LeadAction.Lead"/>: this one; <see cref="LeadAction.Wait"/>: it stops leading.
    /// Whatever the nodes see, exactly one of them stays.
    /// </summary>
    /// <param name="ownRole">What this node was when both were last together; likewise <paramref name="peerRole"/>, from its heartbeat.</param>
    public static LeadVerdict DecideMeeting(
        string ownName,
        GenerationRecord own,
        FormerRole ownRole,
        string peerName,
        GenerationRecord peer,
        FormerRole peerRole)
    {
        GenerationVerdict verdict = GenerationComparison.Compare(own, peer);
        switch (verdict.Relation)
        {
            case GenerationRelation.OwnIsNewer or GenerationRelation.PeerUnusable:
                return Stay($"{peerName} has nothing that is missing here: {verdict.Rule}");
            case GenerationRelation.PeerIsNewer or GenerationRelation.OwnUnusable:
                return new(LeadAction.Wait, $"exiting alone: {verdict.Rule}");
        }

        if (ownRole == peerRole)
            return IsLower(ownName, peerName) ? Stay("the lower name") : Yield("the lower name stays", peerName);
        return Rank(ownRole) > Rank(peerRole)
            ? Stay(ownRole == FormerRole.Primary ? "former primary" : "the other is the former secondary")
            : Yield(ownRole == FormerRole.Secondary ? "former secondary" : "the other is the former primary", peerName);
    }

    private static LeadVerdict Stay(string why) => new(LeadAction.Lead, $"staying alone: {why}");

    private static LeadVerdict Yield(string why, string peerName) => new(LeadAction.Wait, $"exiting alone: {why}", GiveUpOwn(peerName));

    private static int Rank(FormerRole role) => role switch
    {
        FormerRole.Primary => 2,
        FormerRole.None => 1,
        _ => 0,
    };
}
