namespace SafeKit.Mirror;

/// <summary>Outcome of a comparison of both trees.</summary>
/// <param name="Differences">The first of them, each with its path and what differs; empty: the trees are identical.</param>
public sealed record VerifyReport(long Files, long Bytes, long DifferenceCount, IReadOnlyList<string> Differences, double Seconds);
