namespace SafeKit.Mirror.Stream;

/// <summary>A barrier that is to reach the disk.</summary>
/// <param name="Sequence">Its operation; 0: none asked for it.</param>
/// <param name="OwnInode">
/// Whose content it is about, by the number of this node: while <paramref name="Descriptor"/> is open no other file can have it. The primary's
/// number can come back with another file while barriers of the former one wait.
/// </param>
/// <param name="CheckpointEpoch">All trees: a checkpoint of this epoch; 0: it is none.</param>
/// <param name="Descriptor">Closed when done; -1: none, see <paramref name="IsWholeTree"/>.</param>
internal readonly record struct SyncJob(
    FollowerSession Session, ulong Sequence, byte Tree, ulong OwnInode, int Descriptor, bool IsDataOnly, bool IsWholeTree, ulong CheckpointEpoch = 0)
{
    /// <summary>Whether one call of the disk does both.</summary>
    public bool IsSameAs(in SyncJob other) =>
        Session == other.Session && Tree == other.Tree && OwnInode == other.OwnInode && IsWholeTree == other.IsWholeTree
        && CheckpointEpoch == other.CheckpointEpoch && (CheckpointEpoch == 0 || Sequence == other.Sequence);
}
