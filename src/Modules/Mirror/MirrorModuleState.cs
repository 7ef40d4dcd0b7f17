using System.Collections.Immutable;

namespace SafeKit.Modules;

/// <summary>All that a mirror module's machine remembers. Immutable: every decision makes a new one.</summary>
public sealed record MirrorModuleState
{
    public MirrorState State { get; init; } = MirrorState.Stop;

    public ModuleStatus Status { get; init; } = ModuleStatus.NotReady;

    /// <summary>The rule that put the module where it is, shown beside the state; empty while all is well.</summary>
    public string Rule { get; init; } = "";

    /// <summary>What an administrator can type to leave a WAIT NotReady; empty where nothing need be typed.</summary>
    public string Remedy { get; init; } = "";

    public MirrorPeer Peer { get; init; } = new();

    public MirrorOwnData OwnData { get; init; } = new(MirrorDataStanding.Unknown, false);

    /// <summary>What the heartbeats say.</summary>
    public MirrorAnnouncement Announced { get; init; } = new();

    /// <summary>Is the virtual address asked for on this node?</summary>
    public bool HoldsAddress { get; init; }

    /// <summary>Resource <c>heart.stopstartloop</c>: automatic actions in the present window.</summary>
    public int LoopCount { get; init; }

    public long LoopStartNs { get; init; }

    /// <summary>Resource <c>heart.maxloop</c>: the module was stopped because it would not run.</summary>
    public bool MaxLoopReached { get; init; }

    /// <summary>When to send <see cref="MirrorEvent.Tick"/>; null: no timer is needed.</summary>
    public long? DeadlineNs { get; init; }

    /// <summary>Name of the script that is running.</summary>
    public string? RunningScript { get; init; }

    public IReadOnlyDictionary<string, ResourceValue> Resources => ResourceValues;

    internal ImmutableDictionary<string, ResourceValue> ResourceValues { get; init; } = ImmutableDictionary<string, ResourceValue>.Empty;

    /// <summary>Kinds of checkers that run now.</summary>
    internal ImmutableHashSet<CheckerWhen> RunningCheckers { get; init; } = [];

    internal ImmutableQueue<MirrorStep> Steps { get; init; } = [];

    internal MirrorWait Awaits { get; init; }

    internal MirrorIntent Intent { get; init; }

    /// <summary>An order that came while a script was running or an answer was missing, and waits for its end.</summary>
    internal MirrorIntent Pending { get; init; }

    internal MirrorStartOrder StartOrder { get; init; }

    /// <summary>What the data was told to do, and not to stop since.</summary>
    internal MirrorDataMode DataMode { get; init; }

    internal MirrorFormerRole FormerRole { get; init; }

    /// <summary>Number of the announcement after which the other node must have spoken before this one leads beside it.</summary>
    internal long WaitNumber { get; init; }

    /// <summary>When that announcement was made.</summary>
    internal long WaitSinceNs { get; init; }

    /// <summary>The primary refused this node until an administrator has decided.</summary>
    internal MirrorVerdict? Refusal { get; init; }

    /// <summary>With <c>failover="off"</c>: the primary has gone, and only an order makes this node lead.</summary>
    internal bool FailoverBlocked { get; init; }

    /// <summary>Leading: what the other node's data is.</summary>
    internal MirrorLink Link { get; init; }

    /// <summary>Leading: since when the connection to an up-to-date secondary is lost and nothing decided; null: nothing is to be decided.</summary>
    internal long? BrokenSinceNs { get; init; }

    /// <summary>Number of the announcement by which the other node learns that this one goes alone.</summary>
    internal long GoesAloneNumber { get; init; }

    /// <summary>Leading: decided to go on alone, and the other node has not been up to date since.</summary>
    internal bool WentAlone { get; init; }

    /// <summary>Leading: it has been said that this node stays although the other one leads too.</summary>
    internal bool StaysBeside { get; init; }

    /// <summary>Without data, both lead: number of the announcement that the other node has to echo; 0: it was not asked.</summary>
    internal long MeetingNumber { get; init; }

    internal long MeetingSinceNs { get; init; }

    /// <summary>Leading: an exchange of roles shall follow as soon as it can.</summary>
    internal bool WantsSwap { get; init; }

    /// <summary>Leading after an exchange of roles: the former primary is on its way back.</summary>
    internal bool AwaitsFormerPrimary { get; init; }

    /// <summary>From the order to exchange the roles until the other node leads.</summary>
    internal bool HandsOver { get; init; }

    /// <summary>
    /// This node was late, and the other has not answered since: it may have decided alone meanwhile, and may be gone again, so its silence
    /// decides nothing.
    /// </summary>
    internal bool MissedSomething { get; init; }

    /// <summary>Number of the announcement that the other node has to answer after this node was late.</summary>
    internal long LateNumber { get; init; }

    /// <summary>Following: everything that the primary told anyone is here.</summary>
    internal bool IsUpToDate { get; init; }

    internal long UpToDateSinceNs { get; init; }

    /// <summary>Following: the connection to the primary is lost.</summary>
    internal bool PrimaryGone { get; init; }

    /// <summary>Following: the record is being told that the primary has gone on.</summary>
    internal bool DeclaresOutdated { get; init; }

    /// <summary>Following: the primary's going alone that this node's data has been told of, or that was before it followed.</summary>
    internal long KnownGoingAlone { get; init; }

    /// <summary>Following: asks the primary for an exchange of roles.</summary>
    internal bool AsksSwap { get; init; }

    /// <summary>With <c>defaultprim="lastprim"</c>: this node was primary when it stopped, and wants to be it again.</summary>
    internal bool ReturnsAsPrim { get; init; }

    /// <summary>True between the start and the end of any transition.</summary>
    public bool IsBusy => RunningScript is not null || Awaits != MirrorWait.None || !Steps.IsEmpty;
}
