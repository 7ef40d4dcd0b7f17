namespace SafeKit.Mirror.Replay;

/// <summary>One replicated directory of this node, as replay reaches it: below any mount on it.</summary>
/// <param name="Descriptor">O_PATH descriptor of the directory, opened before anything was mounted over it; stays the caller's.</param>
/// <param name="Path">For messages.</param>
/// <param name="IsExcluded">Whether a path relative to the directory, which is a directory or not, is left to each node; null: none is.</param>
public sealed record ReplayRoot(int Descriptor, string Path, Func<ReadOnlySpan<byte>, bool, bool>? IsExcluded);
