namespace SafeKit.Mirror.Generations;

/// <summary>
/// Compares two records. Pure, and symmetric: with the nodes exchanged, "own" and "peer" are exchanged in the relation, and nothing else.
/// A chapter is begun before the first change that the other node does not get; so whose chapter stands in the other's history misses something,
/// and misses nothing the other way round.
/// </summary>
public static class GenerationComparison
{
    public static GenerationVerdict Compare(GenerationRecord own, GenerationRecord peer)
    {
        switch (IsUsable(own), IsUsable(peer))
        {
            case (false, false):
                return new(GenerationRelation.NeitherUsable, Guid.Empty, "neither node has data known to be good");
            case (false, true):
                return new(GenerationRelation.OwnUnusable, Guid.Empty, $"own data is {Word(own)}");
            case (true, false):
                return new(GenerationRelation.PeerUnusable, Guid.Empty, $"the peer's data is {Word(peer)}");
            default:
                return own.Current == peer.Current ? CompareStandings(own, peer) : CompareHistories(own, peer);
        }
    }

    /// <summary>
    /// Whether the data is a consistent state of a known history: of <see cref="DataStanding.Unknown"/> and <see cref="DataStanding.Inconsistent"/> data nothing can be
    /// lost, whatever chapters the record still names.
    /// </summary>
    public static bool IsUsable(GenerationRecord record) =>
        record.Current != Guid.Empty && record.Standing is DataStanding.Alone or DataStanding.Paired or DataStanding.Outdated;

    private static GenerationVerdict CompareStandings(GenerationRecord own, GenerationRecord peer)
    {
        (GenerationRelation relation, string rule) = (own.Standing, peer.Standing) switch
        {
            (DataStanding.Paired, DataStanding.Paired) => (GenerationRelation.Same, "same chapter, both paired"),
            (DataStanding.Alone, DataStanding.Alone) => (GenerationRelation.Diverged, "same chapter, both led alone"),
            (DataStanding.Outdated, DataStanding.Outdated) => (GenerationRelation.Diverged, "same chapter, each knows the other went on"),
            (DataStanding.Alone, _) => (GenerationRelation.OwnIsNewer, "same chapter, this node led alone"),
            (_, DataStanding.Alone) => (GenerationRelation.PeerIsNewer, "same chapter, the peer led alone"),
            (_, DataStanding.Outdated) => (GenerationRelation.OwnIsNewer, "same chapter, the peer knows that it is outdated"),
            _ => (GenerationRelation.PeerIsNewer, "same chapter, this node knows that it is outdated"),
        };
        return new(relation, own.Current, rule);
    }

    private static GenerationVerdict CompareHistories(GenerationRecord own, GenerationRecord peer)
    {
        bool peerHasOwn = Contains(peer.History, own.Current);
        bool ownHasPeer = Contains(own.History, peer.Current);
        return (peerHasOwn, ownHasPeer) switch
        {
            (true, true) => new(GenerationRelation.Diverged, Guid.Empty, "the histories contradict each other"),
            (true, false) => new(GenerationRelation.PeerIsNewer, own.Current, "own chapter is in the peer's history"),
            (false, true) => new(GenerationRelation.OwnIsNewer, peer.Current, "the peer's chapter is in own history"),
            _ => CompareAncestors(own, peer),
        };
    }

    private static GenerationVerdict CompareAncestors(GenerationRecord own, GenerationRecord peer)
    {
        foreach (Guid chapter in own.History)
        {
            if (Contains(peer.History, chapter))
                return new(GenerationRelation.Diverged, chapter, "both went on from a common chapter");
        }

        return new(GenerationRelation.Unrelated, Guid.Empty, "no chapter in common");
    }

    /// <summary>The empty chapter stands in the history of everything that was once declared good; it is no origin that two nodes share.</summary>
    private static bool Contains(IReadOnlyList<Guid> history, Guid chapter) => chapter != Guid.Empty && history.Contains(chapter);

    private static string Word(GenerationRecord record) => record.Standing switch
    {
        DataStanding.Inconsistent => "inconsistent: a reintegration has not ended",
        _ => "unknown: it was never synchronised",
    };
}
