using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>Which ranges of which files the other node misses. Not synchronised: the recorder's lock is held by every caller.</summary>
internal sealed class DirtyMap
{
    private readonly Dictionary<(byte Tree, ulong File), DirtyFile> _files = [];

    public int FileCount => _files.Count;

    public long Bytes { get; private set; }

    public IEnumerable<DirtyFile> Files => _files.Values;

    public void Mark(byte tree, ulong file, in FileHandle handle, long start, long end)
    {
        if (!_files.TryGetValue((tree, file), out DirtyFile? dirty) || !dirty.IsOf(handle))
        {
            // The number may have come back with another file: of the one before nothing is left to copy.
            Forget(tree, file);
            dirty = new DirtyFile(tree, file, handle);
            _files.Add((tree, file), dirty);
        }

        long before = dirty.Bytes;
        if (dirty.Mark(start, end))
            Bytes += dirty.Bytes - before;
    }

    /// <summary>The file has no name left and is never named again: nobody will miss its content.</summary>
    public void Forget(byte tree, ulong file)
    {
        if (_files.Remove((tree, file), out DirtyFile? dirty))
            Bytes -= dirty.Bytes;
    }

    /// <summary>Takes any file with all its ranges.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DirtyFile? dirty)
    {
        foreach (((byte, ulong) key, DirtyFile file) in _files)
        {
            _files.Remove(key);
            Bytes -= file.Bytes;
            dirty = file;
            return true;
        }

        dirty = null;
        return false;
    }

    /// <summary>What was taken and not sent is missed again, unless its number stands for another file by now.</summary>
    public void PutBack(DirtyFile dirty)
    {
        if (_files.TryGetValue((dirty.Tree, dirty.File), out DirtyFile? newer) && !newer.IsOf(dirty.Handle))
            return;
        foreach (ByteRange range in dirty.Ranges)
            Mark(dirty.Tree, dirty.File, dirty.Handle, range.Start, range.End);
    }

    public void Clear()
    {
        _files.Clear();
        Bytes = 0;
    }
}
