namespace SafeKit.Mirror.Generations;

/// <summary>How the data of two nodes are related, seen from the first of them.</summary>
public enum GenerationRelation
{
    /// <summary>Both have the same chapter, and neither knows of anything newer.</summary>
    Same,

    /// <summary>The peer has everything this node has, and went on.</summary>
    PeerIsNewer,

    /// <summary>This node has everything the peer has, and went on.</summary>
    OwnIsNewer,

    /// <summary>Both went on from a common chapter: each has changes that the other lacks.</summary>
    Diverged,

    /// <summary>No chapter in common: data of different origin, or so far apart that the histories no longer meet.</summary>
    Unrelated,

    /// <summary>This node's data is not known to be good, the peer's is.</summary>
    OwnUnusable,

    /// <summary>The peer's data is not known to be good, this node's is.</summary>
    PeerUnusable,

    /// <summary>Neither node's data is known to be good.</summary>
    NeitherUsable,
}
