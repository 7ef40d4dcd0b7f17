namespace SafeKit.Lab.Mirror;

/// <summary>What a mirror lab consists of: always two nodes, one client and two lans.</summary>
public sealed record MirrorOptions
{
    /// <summary>The module runs PostgreSQL; otherwise it has no scripts and replicates an empty directory.</summary>
    public bool WithPostgres { get; init; } = true;

    /// <summary><c>second</c> or <c>none</c>: what a barrier waits for.</summary>
    public string Async { get; init; } = "second";

    /// <summary><c>close</c>, <c>sync</c> or <c>all</c>; PostgreSQL's module has its own.</summary>
    public string Wait { get; init; } = "close";

    /// <summary>Folder with safekitd and safekit; null looks for it.</summary>
    public string? ArtifactsFolder { get; init; }

    /// <summary>Folder on a disk, for the nodes' data.</summary>
    public string DiskFolder { get; init; } = "/var/tmp";
}
