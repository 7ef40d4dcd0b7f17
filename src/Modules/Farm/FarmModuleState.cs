using System.Collections.Immutable;

namespace SafeKit.Modules;

/// <summary>All that a module's machine remembers. Immutable: every decision makes a new one.</summary>
public sealed record FarmModuleState
{
    public ModuleState State { get; init; } = ModuleState.Stop;

    public ModuleStatus Status { get; init; } = ModuleStatus.NotReady;

    /// <summary>The rule that put the module where it is, shown beside the state; empty while all is well.</summary>
    public string Rule { get; init; } = "";

    /// <summary>Is this node's share asked for?</summary>
    public bool TrafficOpen { get; init; }

    /// <summary>By order, no new connections are taken (safekit drain).</summary>
    public bool Drained { get; init; }

    /// <summary>Number of the last release of the traffic; each has a higher one.</summary>
    public long ReleaseNumber { get; init; }

    public bool IsMember { get; init; }

    /// <summary>Resource <c>heart.stopstartloop</c>: automatic actions in the present window.</summary>
    public int LoopCount { get; init; }

    public long LoopStartNs { get; init; }

    /// <summary>Resource <c>heart.maxloop</c>: the module was stopped because it would not run.</summary>
    public bool MaxLoopReached { get; init; }

    /// <summary>When to send <see cref="ModuleEvent.Tick"/>; null: no timer is needed.</summary>
    public long? DeadlineNs { get; init; }

    /// <summary>Name of the script that is running.</summary>
    public string? RunningScript { get; init; }

    public IReadOnlyDictionary<string, ResourceValue> Resources => ResourceValues;

    internal ImmutableDictionary<string, ResourceValue> ResourceValues { get; init; } =
        ImmutableDictionary<string, ResourceValue>.Empty;

    /// <summary>
    /// Resources that went down and have not been seen up since: while there is one, no traffic is taken.
    /// </summary>
    internal ImmutableHashSet<string> Lost { get; init; } = [];

    /// <summary>Kinds of checkers that run now.</summary>
    internal ImmutableHashSet<CheckerWhen> RunningCheckers { get; init; } = [];

    /// <summary>Is traffic to be open as far as starts, stops and scripts are concerned?</summary>
    public bool TrafficWanted { get; internal init; }

    internal ImmutableQueue<ModuleStep> Steps { get; init; } = [];

    internal bool AwaitsRelease { get; init; }

    internal bool AwaitsResources { get; init; }

    internal ModuleIntent Intent { get; init; }

    /// <summary>An order that came while a start script was running, and waits for its end.</summary>
    internal ModuleIntent Pending { get; init; }

    /// <summary>True between the start and the end of any transition.</summary>
    public bool IsBusy => RunningScript is not null || AwaitsRelease || AwaitsResources || !Steps.IsEmpty;
}
