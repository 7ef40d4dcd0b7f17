using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <summary>What of an inode is marked on the disk in one epoch of the log. Immutable.</summary>
internal sealed record LoggedRanges(long Serial, ByteRange[] Ranges)
{
    private const long RegionBytes = 4 << 20;

    /// <summary>Regions double with every second mark: a file that is written all over needs few.</summary>
    private const int MarksPerDoubling = 2;

    /// <summary>After so many all of it is marked.</summary>
    private const int MarksMax = 16;

    /// <summary>Nothing of it needs a mark: it has come into being since, or all of it is marked.</summary>
    public static LoggedRanges Everything(long serial) => new(serial, [new(0, ByteRange.ToTheEnd)]);

    /// <summary>Whether a change of attributes, or of a range, needs no further mark.</summary>
    public bool Covers(long serial, ByteRange range)
    {
        if (serial != Serial || range.End <= range.Start)
            return serial == Serial;
        foreach (ByteRange known in Ranges)
        {
            if (known.Start <= range.Start && known.End >= range.End)
                return true;
        }

        return false;
    }

    /// <summary>The region to mark for a change that is not covered.</summary>
    public ByteRange RegionOf(ByteRange range)
    {
        if (range.End <= range.Start)
            return default;
        if (Ranges.Length >= MarksMax)
            return new(0, ByteRange.ToTheEnd);
        long region = RegionBytes << (Ranges.Length / MarksPerDoubling);
        long start = range.Start - (range.Start % region);
        return range.End > ByteRange.ToTheEnd - region ? new(start, ByteRange.ToTheEnd) : new(start, (range.End + region - 1) / region * region);
    }

    public LoggedRanges With(ByteRange region) => region.End <= region.Start ? this : this with { Ranges = [.. Ranges, region] };
}
