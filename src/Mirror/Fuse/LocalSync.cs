namespace SafeKit.Mirror.Fuse;

/// <summary>How a descriptor is brought to the disk.</summary>
internal enum LocalSync
{
    /// <summary>fsync(2).</summary>
    File,

    /// <summary>fdatasync(2).</summary>
    Data,

    /// <summary>syncfs(2).</summary>
    FileSystem,
}
