using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// The ranges of one file that the other node misses: disjoint, in order, in granules, so that a file that is written all over has few. Not synchronised.
/// </summary>
internal sealed class DirtyFile(byte tree, ulong file, FileHandle handle)
{
    public const int GranuleBytes = 1 << 20;

    /// <summary>A file with more ranges gets granules of twice the size, again and again: memory stays bounded, and what is copied too much is small beside the file.</summary>
    private const int RangesMax = 256;

    private readonly List<ByteRange> _ranges = [];
    private long _granuleBytes = GranuleBytes;

    public byte Tree => tree;

    public ulong File => file;

    public FileHandle Handle => handle;

    public IReadOnlyList<ByteRange> Ranges => _ranges;

    /// <summary>Bytes marked; a range to the end of the file counts as one granule.</summary>
    public long Bytes { get; private set; }

    public bool IsOf(in FileHandle other) => handle.Type == other.Type && handle.Value.SequenceEqual(other.Value);

    /// <returns>Whether something was marked that was not marked already.</returns>
    public bool Mark(long start, long end)
    {
        start -= start % _granuleBytes;
        end = end > ByteRange.ToTheEnd - _granuleBytes ? ByteRange.ToTheEnd : (end + _granuleBytes - 1) / _granuleBytes * _granuleBytes;
        int first = FirstNotBefore(start);
        if (first < _ranges.Count && _ranges[first].Start <= start && _ranges[first].End >= end)
            return false;
        int past = first;
        while (past < _ranges.Count && _ranges[past].Start <= end)
        {
            start = Math.Min(start, _ranges[past].Start);
            end = Math.Max(end, _ranges[past].End);
            Bytes -= BytesOf(_ranges[past]);
            past++;
        }

        _ranges.RemoveRange(first, past - first);
        _ranges.Insert(first, new ByteRange(start, end));
        Bytes += BytesOf(_ranges[first]);
        if (_ranges.Count > RangesMax)
            Coarsen();
        return true;
    }

    /// <summary>Takes a piece of at most <paramref name="lengthMax"/> bytes from the front.</summary>
    public bool TryTake(long lengthMax, out ByteRange range)
    {
        range = default;
        if (_ranges.Count == 0)
            return false;
        range = _ranges[0];
        Bytes -= BytesOf(range);
        if (range.End - range.Start <= lengthMax)
        {
            _ranges.RemoveAt(0);
            return true;
        }

        range = range with { End = range.Start + lengthMax };
        _ranges[0] = _ranges[0] with { Start = range.End };
        Bytes += BytesOf(_ranges[0]);
        return true;
    }

    private static long BytesOf(ByteRange range) => range.End == ByteRange.ToTheEnd ? GranuleBytes : range.End - range.Start;

    private int FirstNotBefore(long start)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].End < start)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void Coarsen()
    {
        _granuleBytes *= 2;
        ByteRange[] old = [.. _ranges];
        _ranges.Clear();
        Bytes = 0;
        foreach (ByteRange range in old)
            Mark(range.Start, range.End);
    }
}
