namespace SafeKit.Modules;

/// <summary>What this node's heartbeats say from now on, and what the other node's said last.</summary>
public sealed record MirrorAnnouncement
{
    /// <summary>
    /// Counts the announcements of one run of the daemon. Heartbeats carry it both ways: the other node's echo tells what it had heard when it spoke.
    /// </summary>
    public long Number { get; init; }

    public MirrorState State { get; init; } = MirrorState.Stop;

    public ModuleStatus Status { get; init; }

    /// <summary>A secondary that could take over.</summary>
    public bool UpToDate { get; init; }

    /// <summary>
    /// A primary that has lost the connection to an up-to-date secondary and means to go on without it: the secondary shall declare its data outdated, and say so.
    /// </summary>
    public bool GoesAlone => GoesAloneNumber != 0;

    /// <summary>
    /// Tells one going alone from another: number of the announcement that began it; 0: none. It stands until the other node is up to date again.
    /// </summary>
    public long GoesAloneNumber { get; init; }

    /// <summary>The record of this node says, durably, that the other one has newer data.</summary>
    public bool KnowsItIsOutdated { get; init; }

    /// <summary>A secondary that asks for an exchange of the roles, or a primary that is handing over.</summary>
    public bool AsksSwap { get; init; }

    public MirrorFormerRole FormerRole { get; init; }

    /// <summary>The rule that put the module where it is, shown beside the state.</summary>
    public string Rule { get; init; } = "";

    public bool Leads => State is MirrorState.Alone or MirrorState.Prim;
}
