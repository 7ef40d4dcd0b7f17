namespace SafeKit.Mirror.Marks;

/// <summary>To which log, which epoch of it, and which place in that a block belongs.</summary>
internal readonly record struct MarkBlockHead(ulong Log, long Epoch, int Index);
