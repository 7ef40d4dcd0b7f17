namespace SafeKit.Mirror.Stream;

/// <summary>A barrier that is to reach the disk.</summary>
/// <param name="Sequence">Its operation; 0: none asked for it.</param>
/// <param name="File">Whose content it is about.</param>
/// <param name="Descriptor">Closed when done; -1: none, see <paramref name="IsWholeTree"/>.</param>
internal readonly record struct SyncJob(
    FollowerSession Session, ulong Sequence, byte Tree, ulong File, int Descriptor, bool IsDataOnly, bool IsWholeTree)
{
    /// <summary>Whether one call of the disk does both.</summary>
    public bool IsSameAs(in SyncJob other) =>
        Session == other.Session && Tree == other.Tree && File == other.File && IsWholeTree == other.IsWholeTree;
}
