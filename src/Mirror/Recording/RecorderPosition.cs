namespace SafeKit.Mirror.Recording;

/// <summary>Where the recorder stands: what a returning node can be brought up to date with.</summary>
/// <param name="Epoch">0: nothing is recorded.</param>
/// <param name="FirstSequence">First operation that the journal holds.</param>
/// <param name="LastSequence">Last operation that was numbered.</param>
/// <param name="BaseEpoch">With <paramref name="BaseSequence"/>: position of the data with which the epoch began; 0: unknown.</param>
/// <param name="GivenUp">Why the journal does not hold everything since then; null: it does.</param>
/// <param name="HasDirty">Ranges of data have changed without a number of their own.</param>
public readonly record struct RecorderPosition(
    ulong Epoch, ulong FirstSequence, ulong LastSequence, ulong BaseEpoch, ulong BaseSequence, string? GivenUp, bool HasDirty)
{
    public MarksPosition Marks { get; init; }
}
