namespace SafeKit.Mirror.FileSystem;

/// <summary>How far the other node knows the path of a directory.</summary>
public enum PathStep
{
    /// <summary>It is gone.</summary>
    Gone,

    /// <summary>It has been introduced.</summary>
    Known,

    /// <summary>A directory above it has other names on the other node, and has to be listed first.</summary>
    ListFirst,
}
