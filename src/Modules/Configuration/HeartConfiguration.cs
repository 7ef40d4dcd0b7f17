namespace SafeKit.Modules;

/// <summary>What <c>&lt;heart&gt;</c> says.</summary>
public sealed record HeartConfiguration(int? Port, IReadOnlyList<HeartbeatLan> Heartbeats, SourcePlace Place = default)
{
    /// <summary>Quicker than what users know (700 ms, 30 s): a failover takes seconds.</summary>
    public const int PulseMsDefault = 250;

    public const int TimeoutMsDefault = 3000;

    private const int FirstPort = 8888;

    /// <summary>The other node is lost when it was not heard for so long on any network.</summary>
    public int TimeoutMs => Heartbeats.Count == 0 ? TimeoutMsDefault : Heartbeats.Max(heartbeat => heartbeat.TimeoutMs);

    /// <summary>Longest interval of the heartbeats.</summary>
    public int PulseMs => Heartbeats.Count == 0 ? PulseMsDefault : Heartbeats.Max(heartbeat => heartbeat.PulseMs);

    /// <summary>The UDP port of the module with this id (1, 2, ...).</summary>
    public int PortOf(int moduleId) => Port ?? FirstPort + moduleId - 1;
}
