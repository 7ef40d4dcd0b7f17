namespace SafeKit.Modules;

/// <summary>What <c>&lt;rfs&gt;</c> says.</summary>
/// <param name="WaitsForDisk"><c>async="none"</c>: fsync waits for the other node's disk.</param>
/// <param name="ReintegrationKbPerSecond">0: no cap.</param>
/// <param name="SendTimeoutSeconds">No sign of life on the connection for so long: it is given up. Null: the timeout of the heartbeats.</param>
/// <param name="MarkedMb">
/// Megabytes that may have changed since the secondary's last checkpoint: from half of them on it is asked for the next.
/// </param>
/// <param name="FlowLan">Lan of the older <c>&lt;flow name=&gt;</c>.</param>
public sealed record ReplicationConfiguration(
    bool WaitsForDisk,
    int ReintegrationThreads,
    int ReintegrationKbPerSecond,
    int LockTimeoutSeconds,
    int? SendTimeoutSeconds,
    int MarkedMb,
    string? FlowLan,
    IReadOnlyList<ReplicatedDirectoryConfiguration> Directories,
    SourcePlace Place = default)
{
    public const int ThreadsDefault = 6;
    public const int LockTimeoutSecondsDefault = 100;
    public const int MarkedMbDefault = 256;
    private const int FirstPort = 5600;

    /// <summary>As users' firewalls expect.</summary>
    private const int PortsPerModule = 4;

    /// <summary>The TCP port of the module with this id (1, 2, ...).</summary>
    public static int PortOf(int moduleId) => FirstPort + (moduleId - 1) * PortsPerModule;

    /// <summary>The lan that carries the replication: the one named for it, else the first.</summary>
    public string LanOf(HeartConfiguration heart) =>
        heart.Heartbeats.FirstOrDefault(heartbeat => heartbeat.Ident == HeartbeatLan.Flow)?.Name
        ?? FlowLan
        ?? heart.Heartbeats[0].Name;

    /// <summary>How long the connection may be silent; a secondary takes over only once it is silent too.</summary>
    public TimeSpan SilenceLimit(HeartConfiguration heart) =>
        SendTimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromMilliseconds(heart.TimeoutMs);
}
