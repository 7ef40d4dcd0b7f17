namespace SafeKit.Mirror.Generations;

/// <summary>What a node knows about its own data. Written to disk by name.</summary>
public enum DataStanding
{
    /// <summary>Never synchronised, never declared good.</summary>
    Unknown = 0,

    /// <summary>It led alone when it last changed: nobody can have newer data of this history.</summary>
    Alone = 1,

    /// <summary>It was equal to the other node's data; the other may have gone on since.</summary>
    Paired = 2,

    /// <summary>The other node is known to have gone on: this is an older state, consistent in itself.</summary>
    Outdated = 3,

    /// <summary>A reintegration has begun and not ended: not even consistent.</summary>
    Inconsistent = 4,
}
