namespace SafeKit.Mirror.Generations;

/// <summary>
/// Which history a node's data belongs to; kept on disk (written aside, synced, renamed, with a checksum), exchanged in the handshake and in
/// heartbeats. Immutable.
/// </summary>
/// <param name="Current">Random identity of the history's newest chapter; <see cref="Guid.Empty"/>: this node never had data that was known to be good.</param>
/// <param name="History">Earlier chapters, newest first, at most <see cref="HistoryMax"/>.</param>
/// <param name="Standing">What this node knows about its data.</param>
/// <param name="WasPrimary">Whether it led when the record was written: decides between two nodes with the same data.</param>
/// <param name="Epoch">Epoch in which <paramref name="AppliedSequence"/> counts; 0: unknown.</param>
/// <param name="AppliedSequence">Last operation applied, where the node left in good order; 0: unknown.</param>
public sealed record GenerationRecord(
    Guid Current,
    IReadOnlyList<Guid> History,
    DataStanding Standing,
    bool WasPrimary,
    ulong Epoch,
    ulong AppliedSequence)
{
    public const int HistoryMax = 16;

    public static GenerationRecord Empty { get; } = new(Guid.Empty, [], DataStanding.Unknown, false, 0, 0);

    /// <summary>A new chapter: the present one becomes the newest of the history.</summary>
    public GenerationRecord Begin(Guid chapter) =>
        this with { Current = chapter, History = [Current, .. History.Take(HistoryMax - 1)] };
}
