namespace SafeKit.Lab.Load;

/// <summary>What a <see cref="ConnectionStorm"/> saw.</summary>
public sealed class StormReport
{
    /// <summary>Joins, leaves, drains, their ends, and crashes.</summary>
    public int Events { get; set; }

    /// <summary>Connections that broke although nothing was done to their node but a drain; one line each.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Connections of crashed nodes, in seconds from the takeover of the share to the reset (below 0: before it was seen).</summary>
    public List<double> CrashResetsS { get; } = [];

    /// <summary>Connections of crashed nodes that waited in vain, with what the heirs say of them; one line each.</summary>
    public List<string> CrashHung { get; } = [];
}
