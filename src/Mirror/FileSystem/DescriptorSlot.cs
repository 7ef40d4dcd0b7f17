namespace SafeKit.Mirror.FileSystem;

/// <summary>The O_PATH descriptor of an inode, if it is open.</summary>
internal struct DescriptorSlot
{
    /// <summary>Value of <see cref="Pins"/> while no descriptor is open.</summary>
    public const int Closed = int.MinValue;

    /// <summary>Users of the descriptor at this moment, or <see cref="Closed"/>.</summary>
    public int Pins;

    public int Descriptor;

    /// <summary>Place in the cache's list; -1: not in it, either closed or kept open.</summary>
    public int Index;

    /// <summary>Used since the clock's hand last passed.</summary>
    public bool Recent;

    /// <summary>Stays open until the inode is forgotten: it could not be opened again.</summary>
    public bool Kept;

    public static DescriptorSlot Empty => new() { Pins = Closed, Descriptor = -1, Index = -1 };
}
