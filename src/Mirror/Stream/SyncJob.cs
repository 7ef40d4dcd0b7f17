namespace SafeKit.Mirror.Stream;

/// <summary>A barrier that is to reach the disk.</summary>
/// <param name="Sequence">Its operation; 0: none asked for it.</param>
/// <param name="Descriptor">Closed when done; -1: none, see <paramref name="IsWholeTree"/>.</param>
internal readonly record struct SyncJob(FollowerSession Session, ulong Sequence, byte Tree, int Descriptor, bool IsDataOnly, bool IsWholeTree);
