namespace SafeKit.Mirror.FileSystem;

/// <summary>An open file or directory of an application.</summary>
internal sealed class OpenFile
{
    public Inode? Inode { get; set; }

    /// <summary>Descriptor of the file underneath.</summary>
    public int Descriptor { get; set; } = -1;

    /// <summary>Where a directory's descriptor stands, so that reading on needs no seek.</summary>
    public long Position { get; set; }

    public bool Writable { get; set; }
}
