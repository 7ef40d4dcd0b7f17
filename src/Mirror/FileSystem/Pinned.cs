namespace SafeKit.Mirror.FileSystem;

/// <summary>An inode's descriptor, open as long as this lives.</summary>
internal readonly ref struct Pinned(DescriptorCache cache, Inode inode, int descriptor)
{
    /// <summary>Minus errno where it could not be opened.</summary>
    public int Descriptor { get; } = descriptor;

    public bool Failed => Descriptor < 0;

    public int Errno => -Descriptor;

    public void Dispose()
    {
        if (Descriptor >= 0)
            cache.Unpin(inode);
    }
}
