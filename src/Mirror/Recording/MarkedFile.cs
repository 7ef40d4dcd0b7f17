using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>What of one file has changed since a checkpoint: its attributes in any case, and ranges of its content. Not synchronised.</summary>
internal sealed class MarkedFile(byte tree, ulong file, FileHandle handle)
{
    private readonly DirtyFile _ranges = new(tree, file, handle);
    private bool _isWhole;
    private long _wholeBytes;

    public byte Tree => tree;

    public ulong File => file;

    public FileHandle Handle => handle;

    /// <summary>It came into being since the checkpoint, and every name that it ever had did.</summary>
    public bool IsCreated { get; set; }

    public IReadOnlyList<ByteRange> Ranges => _ranges.Ranges;

    public long Bytes => _isWhole ? _wholeBytes : _ranges.Bytes;

    public bool IsOf(in FileHandle other) => _ranges.IsOf(other);

    public void Mark(long start, long end)
    {
        if (end <= start)
            return;
        if (!_isWhole)
            _ranges.Mark(start, end);
        else if (end != ByteRange.ToTheEnd)
            _wholeBytes = Math.Max(_wholeBytes, end);
    }

    /// <summary>All of its content, however long it becomes.</summary>
    /// <param name="sizeBytes">Its present size, for the count.</param>
    public void MarkWhole(long sizeBytes)
    {
        foreach (ByteRange range in _isWhole ? [] : Ranges)
            _wholeBytes = Math.Max(_wholeBytes, range.End == ByteRange.ToTheEnd ? range.Start + DirtyFile.GranuleBytes : range.End);
        _wholeBytes = Math.Max(_wholeBytes, sizeBytes);
        _isWhole = true;
        _ranges.Mark(0, ByteRange.ToTheEnd);
    }

    /// <summary>What the other has marked of the same file is marked here too.</summary>
    public void Add(MarkedFile other)
    {
        IsCreated |= other.IsCreated;
        if (other._isWhole)
            MarkWhole(other._wholeBytes);
        foreach (ByteRange range in other.Ranges)
            Mark(range.Start, range.End);
    }
}
