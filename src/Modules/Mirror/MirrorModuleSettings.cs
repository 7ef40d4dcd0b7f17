using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>What a <see cref="MirrorModuleMachine"/> takes from the configuration.</summary>
public sealed record MirrorModuleSettings
{
    /// <summary>So many heartbeats in a row are not lost while the network works at all.</summary>
    private const int PulsesOfGoingAlone = 4;

    /// <summary>Name of this node in <c>cluster.xml</c>.</summary>
    public string NodeName { get; init; } = "";

    public int MaxLoop { get; init; } = 3;

    /// <summary>Zero switches the loop counter off.</summary>
    public TimeSpan LoopInterval { get; init; } = TimeSpan.FromHours(24);

    /// <summary><c>failover="off"</c>: a secondary whose primary goes waits for an administrator.</summary>
    public bool Failover { get; init; } = true;

    /// <summary><c>alone</c>, <c>lastprim</c> or the name of a node.</summary>
    public string DefaultPrim { get; init; } = "alone";

    /// <summary>Without <c>&lt;user&gt;</c> no script is run.</summary>
    public bool RunsScripts { get; init; } = true;

    /// <summary>False without <c>&lt;rfs&gt;</c>: there is no data to follow, and none to be out of date.</summary>
    public bool HasData { get; init; } = true;

    /// <summary>False without <c>&lt;vip&gt;</c>.</summary>
    public bool HasAddress { get; init; } = true;

    /// <summary>Attribute <c>timeout</c> of the heartbeats: the other node is lost when nothing was heard for so long.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a primary announces that it goes alone before the loss of all heartbeats releases it: so that a secondary that still hears knows it.
    /// </summary>
    public TimeSpan GoingAloneTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What the other node's firewall must let through, in words.</summary>
    public string OpenPorts { get; init; } = "open the UDP port of the heartbeats";

    public IReadOnlyList<MirrorChecker> Checkers { get; init; } = [];

    internal MirrorMistake Mistake { get; init; }

    /// <param name="nodeName">Name of this node in <c>cluster.xml</c>.</param>
    public static MirrorModuleSettings From(UserConfiguration configuration, string nodeName)
    {
        var heart = configuration.Heart ?? new HeartConfiguration(null, []);
        return new()
        {
            NodeName = nodeName,
            MaxLoop = configuration.Service.MaxLoop,
            LoopInterval = configuration.Service.LoopInterval,
            Failover = configuration.Service.Failover,
            DefaultPrim = configuration.Service.DefaultPrim,
            RunsScripts = configuration.User is not null,
            HasData = configuration.Replication is not null,
            HasAddress = configuration.Vip is not null,
            HeartbeatTimeout = TimeSpan.FromMilliseconds(heart.TimeoutMs),
            GoingAloneTime = TimeSpan.FromMilliseconds(PulsesOfGoingAlone * heart.PulseMs),
            Checkers = [.. configuration.Checkers.Tcp.Select(tcp => new MirrorChecker(tcp.Resource, tcp.Rule, tcp.When, tcp.Action))],
        };
    }

    internal long HeartbeatTimeoutNs => MonotonicClock.FromMs((long)HeartbeatTimeout.TotalMilliseconds);

    internal long GoingAloneTimeNs => MonotonicClock.FromMs((long)GoingAloneTime.TotalMilliseconds);
}
