namespace SafeKit.Mirror.FileSystem;

/// <summary>What was appended of a file's content.</summary>
/// <param name="Bytes">Bytes of the file that it covers, holes included; 0 where there are none; -1: the file is gone.</param>
/// <param name="DataBytes">Of these, what is not a hole.</param>
/// <param name="ReachesEnd">Nothing of the file lies behind it.</param>
public readonly record struct ContentPiece(long Bytes, long DataBytes, bool ReachesEnd)
{
    /// <summary>So much of a hole is one piece: a sparse file of a hundred gigabytes is a hundred of them.</summary>
    internal const long HoleBytesMax = 1L << 30;

    internal static ContentPiece Gone { get; } = new(-1, 0, true);
}
