namespace SafeKit.Modules;

/// <summary>What a node's record says about its own data.</summary>
public enum MirrorDataStanding
{
    /// <summary>Never synchronised, never declared good.</summary>
    Unknown = 0,

    /// <summary>It led alone when it last changed.</summary>
    Alone = 1,

    /// <summary>It was equal to the other node's; the other may have gone on since.</summary>
    Paired = 2,

    /// <summary>The other node is known to have gone on.</summary>
    Outdated = 3,

    /// <summary>A reintegration has begun and not ended.</summary>
    Inconsistent = 4,
}
