namespace SafeKit.Mirror.Stream;

/// <summary>Up to where a node has followed.</summary>
/// <param name="Epoch">Of the former primary; 0: nothing was applied in this process.</param>
/// <param name="Sequence">Last operation applied.</param>
public readonly record struct FollowerPosition(ulong Epoch, ulong Sequence);
