namespace SafeKit.Lab.Mirror;

/// <summary>What a mirror lab consists of: always two nodes, one client and two lans.</summary>
public sealed record MirrorOptions
{
    /// <summary>The module runs PostgreSQL; otherwise it has no scripts and replicates an empty directory.</summary>
    public bool WithPostgres { get; init; } = true;

    /// <summary>The ready-made module that is run; null: none.</summary>
    public MirrorApplication? Application => WithPostgres ? MirrorApplication.Postgres : null;

    /// <summary><c>second</c> or <c>none</c>: what a barrier waits for.</summary>
    public string Async { get; init; } = "second";

    /// <summary><c>close</c>, <c>sync</c> or <c>all</c>; PostgreSQL's module has its own.</summary>
    public string Wait { get; init; } = "close";

    /// <summary>
    /// Without an application: values of <c>wait</c> for which there is a directory more, <see cref="MirrorFiles.PathOf"/>, beside the first.
    /// </summary>
    public IReadOnlyList<string> MoreWaits { get; init; } = [];

    /// <summary>Size of a disk of its own for each node, which can lose power; 0: the nodes' data are on the machine's disk.</summary>
    public int DiskMb { get; init; }

    /// <summary>Attribute <c>timeout</c> of the heartbeats in milliseconds; null leaves the default of 3 s. Pulses are a tenth of it.</summary>
    public int? HeartTimeoutMs { get; init; }

    /// <summary>Folder with safekitd and safekit; null looks for it.</summary>
    public string? ArtifactsFolder { get; init; }

    /// <summary>Folder on a disk, for the nodes' data.</summary>
    public string DiskFolder { get; init; } = "/var/tmp";
}
