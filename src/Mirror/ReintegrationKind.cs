namespace SafeKit.Mirror;

/// <summary>How a returning node is brought up to date.</summary>
public enum ReintegrationKind
{
    /// <summary>It misses nothing.</summary>
    None = 0,

    /// <summary>By the journal: names in order, then the ranges that changed.</summary>
    Changes = 1,

    /// <summary>By a survey: everything is compared, what differs is copied.</summary>
    Survey = 2,

    /// <summary>Everything is copied.</summary>
    Full = 3,

    /// <summary>What is marked as changed since the last checkpoint is compared, what differs is copied.</summary>
    Marked = 4,
}
