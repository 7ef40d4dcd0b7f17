namespace SafeKit.Mirror.Stream;

/// <summary>Whole operations in a block.</summary>
/// <param name="IsLastOfBlock">Nothing more of this block follows: it is free after this.</param>
internal readonly record struct ReceivedSlice(byte[] Block, int Start, int End, bool IsLastOfBlock);
