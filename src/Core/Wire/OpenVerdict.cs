namespace SafeKit.Core.Wire;

/// <summary>What became of a frame that arrived.</summary>
public enum OpenVerdict
{
    Opened,

    /// <summary>Too short, another version, or a sender that is no node of the cluster.</summary>
    Malformed,

    /// <summary>Seen before (another lan's copy, or a replay), or of an earlier life of its sender.</summary>
    Repeated,

    /// <summary>Not sealed with our key, or changed on its way.</summary>
    Forged,
}
