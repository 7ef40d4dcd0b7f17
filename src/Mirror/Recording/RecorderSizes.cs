namespace SafeKit.Mirror.Recording;

/// <summary>How much a recorder holds, for status.</summary>
/// <param name="Operations">Recorded since the role began.</param>
/// <param name="Bytes">Of these, in bytes.</param>
/// <param name="WindowBytes">Sent or to be sent, and not applied yet.</param>
/// <param name="JournalOperations">Operations on names in the journal.</param>
/// <param name="DirtyBytes">Marked as missing on the other node.</param>
internal sealed record RecorderSizes(long Operations, long Bytes, long WindowBytes, long JournalOperations, long DirtyBytes);
