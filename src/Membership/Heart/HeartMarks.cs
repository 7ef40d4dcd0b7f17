namespace SafeKit.Membership;

/// <summary>Yes-or-no facts that a mirror module tells its peer; bits are part of the wire and never reused.</summary>
[Flags]
public enum HeartMarks : ushort
{
    None = 0,

    /// <summary>Its data is up to date as far as it knows.</summary>
    UpToDate = 1,

    /// <summary>It knows that its data is older than the other node's.</summary>
    KnowsOutdated = 2,

    /// <summary>It asks the other node to change roles with it.</summary>
    AsksSwap = 4,

    /// <summary>It has stopped in good order: its silence from now on is no failure.</summary>
    LeftInGoodOrder = 8,

    /// <summary>It has no replicated directories.</summary>
    WithoutData = 16,

    /// <summary>Its replication is broken while it serves.</summary>
    Degraded = 32,

    /// <summary>It was the primary when its role last changed.</summary>
    WasPrimary = 64,

    /// <summary>It is about to give up what it serves, because the other node stays.</summary>
    Leaving = 128,
}
