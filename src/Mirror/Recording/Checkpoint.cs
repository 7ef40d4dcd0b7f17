namespace SafeKit.Mirror.Recording;

/// <summary>
/// A point of the stream up to which everything is on the secondary's disk, and stays there whatever happens to its memory: an operation of an
/// epoch. The default: none.
/// </summary>
public readonly record struct Checkpoint(ulong Epoch, ulong Sequence)
{
    public bool IsNone => Epoch == 0;
}
