namespace SafeKit.Membership;

/// <summary>Yes-or-no facts that a mirror module tells its peer; bits are part of the wire and never reused.</summary>
[Flags]
public enum HeartMarks : ushort
{
    None = 0,

    /// <summary>A secondary that could take over.</summary>
    UpToDate = 1,

    /// <summary>Its record says that the other node has newer data.</summary>
    KnowsItIsOutdated = 2,

    /// <summary>It asks the other node to change roles with it, or is handing over.</summary>
    AsksSwap = 4,

    /// <summary>It has stopped in good order and its daemon ends: its silence from now on is no failure.</summary>
    LeftInGoodOrder = 8,

    /// <summary>It was the primary when both were last together.</summary>
    WasPrimary = 16,

    /// <summary>It was the secondary when both were last together.</summary>
    WasSecondary = 32,
}
