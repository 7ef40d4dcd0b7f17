namespace SafeKit.Mirror.Recording;

/// <summary>Bytes from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
internal readonly record struct ByteRange(long Start, long End)
{
    /// <summary>End of a range that goes to the end of its file, wherever that will be.</summary>
    public const long ToTheEnd = long.MaxValue;
}
