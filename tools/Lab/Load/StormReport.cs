namespace SafeKit.Lab.Load;

/// <summary>What a <see cref="ConnectionStorm"/> saw.</summary>
public sealed class StormReport
{
    /// <summary>Joins, leaves, drains, their ends, and crashes.</summary>
    public int Events { get; set; }

    /// <summary>Connections that broke although nothing was done to their node but a drain; one line each.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>
    /// Connections of crashed nodes, in seconds to the reset from the takeover of the share, or from the client's question where that came later:
    /// who asks nothing cannot be told (below 0: before the takeover was seen).
    /// </summary>
    public List<double> CrashResetsS { get; } = [];

    /// <summary>Connections of crashed nodes that waited in vain, with what the heirs say of them; one line each.</summary>
    public List<string> CrashHung { get; } = [];
}
