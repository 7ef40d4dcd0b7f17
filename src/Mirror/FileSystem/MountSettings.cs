namespace SafeKit.Mirror.FileSystem;

/// <summary>How a replicated directory is mounted.</summary>
public sealed record MountSettings
{
    /// <summary>Which replicated directory of the module.</summary>
    public required byte Index { get; init; }

    public WaitPolicy Wait { get; init; }

    /// <summary>On the secondary: every change is refused, and nothing is cached, for the tree changes below by replay.</summary>
    public bool ReadOnly { get; init; }

    public IReadOnlyList<ExclusionRule> NotReplicated { get; init; } = [];

    /// <summary>
    /// Called once, on a thread of the mount, if the mount ends although nobody has asked for it: an administrator has unmounted it, or the
    /// kernel has aborted the connection. With the text of the error.
    /// </summary>
    public Action<string> Gone { get; init; } = _ => { };

    /// <summary>Called with a line for the log while the tree is being mounted.</summary>
    public Action<string> Log { get; init; } = _ => { };

    /// <summary>Threads that answer requests; those for fsync and for parked requests come in addition.</summary>
    public int Workers { get; init; } = 6;
}
