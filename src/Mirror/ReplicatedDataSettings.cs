using System.Net;

namespace SafeKit.Mirror;

/// <summary>What a module's data is and how it is replicated (reference section 1.7).</summary>
public sealed record ReplicatedDataSettings
{
    public required string Module { get; init; }

    public required string NodeName { get; init; }

    public required string PeerName { get; init; }

    /// <summary>32 bytes: the certificates of the replication are derived from it.</summary>
    public required byte[] ClusterKey { get; init; }

    /// <summary>Where this node listens for the other while it leads; the other node has the same port.</summary>
    public required IPEndPoint Own { get; init; }

    /// <summary>Where the other node listens while it leads.</summary>
    public required IPEndPoint Peer { get; init; }

    /// <summary>Folder of the durable record and the journal; not below a replicated directory.</summary>
    public required string StateFolder { get; init; }

    public required IReadOnlyList<ReplicatedDirectory> Directories { get; init; }

    /// <summary><c>async="none"</c>: a barrier waits for the other node's disk.</summary>
    public bool BarrierWaitsForDisk { get; init; }

    /// <summary>Bytes of operations sent and not yet applied.</summary>
    public long WindowBytes { get; init; } = 64 << 20;

    /// <summary>A journal that grows beyond this is given up: the other node will be surveyed.</summary>
    public long JournalBytesMax { get; init; } = 256 << 20;

    /// <summary>
    /// Bytes of content that may have changed since the last checkpoint: from half of them on the secondary is asked for the next. So much is to
    /// be compared after it has crashed.
    /// </summary>
    public long MarkedBytesMax { get; init; } = 256 << 20;

    /// <summary>While something changes the secondary is asked for a checkpoint at least so often.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>No sign of life on the connection for so long: it is given up (<c>sendtimeout</c>).</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>No operation applied for so long while some wait: the connection is given up (<c>locktimeout</c>).</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Bytes per second of reintegration; 0: no cap.</summary>
    public long ReintegrationBytesPerSecond { get; init; }

    /// <summary>Parallel copies of reintegration (<c>nbrei</c>).</summary>
    public int ReintegrationThreads { get; init; } = 6;
}
