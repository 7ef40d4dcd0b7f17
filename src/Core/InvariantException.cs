namespace SafeKit.Core;

/// <summary>An <see cref="Invariant"/> does not hold: a bug of ours, never a condition to recover from.</summary>
public sealed class InvariantException(string message) : Exception(message);
