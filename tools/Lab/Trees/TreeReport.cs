namespace SafeKit.Lab.Trees;

/// <summary>Outcome of a comparison of two trees.</summary>
/// <param name="Entries">Names compared, of all types.</param>
/// <param name="Bytes">Bytes of content compared.</param>
/// <param name="DifferenceCount">All that were found.</param>
/// <param name="Differences">The first of them: path, and what differs.</param>
public sealed record TreeReport(long Entries, long Bytes, long DifferenceCount, IReadOnlyList<string> Differences)
{
    public bool Identical => DifferenceCount == 0;

    /// <summary>Of both together.</summary>
    public static TreeReport operator +(TreeReport one, TreeReport other) => new(
        one.Entries + other.Entries,
        one.Bytes + other.Bytes,
        one.DifferenceCount + other.DifferenceCount,
        [.. one.Differences, .. other.Differences]);

    /// <summary>One line for messages.</summary>
    public string Text => Identical
        ? $"{Entries} names and {Bytes} bytes are the same"
        : $"{DifferenceCount} differences: {string.Join("; ", Differences)}";
}
