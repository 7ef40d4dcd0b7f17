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
}
