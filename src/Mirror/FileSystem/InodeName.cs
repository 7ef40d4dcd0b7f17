namespace SafeKit.Mirror.FileSystem;

/// <summary>A name by which an inode is known: what it is called in the directory with this number.</summary>
internal readonly record struct InodeName(ulong Parent, byte[] Name)
{
    public bool Is(ulong parent, ReadOnlySpan<byte> name) => Parent == parent && name.SequenceEqual(Name);
}
