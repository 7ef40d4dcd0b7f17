using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// What has changed since a checkpoint: the directories in which names changed or in which a changed file is found, and the files with the ranges
/// of their content. Rounded to larger ranges where a file has many, and given up where there are too many files: memory stays bounded. Not
/// synchronised: the recorder's lock is held by every caller.
/// </summary>
internal sealed class ChangeMarks
{
    /// <summary>Files and directories; a survey of everything is not much more work than so many of them.</summary>
    public const int EntriesMax = 100_000;

    private readonly Dictionary<(byte Tree, ulong File), MarkedFile> _files = [];
    private readonly Dictionary<(byte Tree, ulong File), FileHandle> _directories = [];

    /// <summary>Why it does not hold everything that has changed; null: it does.</summary>
    public string? GivenUp { get; private set; }

    /// <summary>Bytes of content marked.</summary>
    public long Bytes { get; private set; }

    public int FileCount => _files.Count;

    public int DirectoryCount => _directories.Count;

    public int Count => _files.Count + _directories.Count;

    public IEnumerable<((byte Tree, ulong File) Id, FileHandle Handle)> Directories => _directories.Select(pair => (pair.Key, pair.Value));

    public bool HasDirectory(byte tree, ulong directory) => _directories.ContainsKey((tree, directory));

    /// <returns>Whether it was not marked before.</returns>
    public bool MarkDirectory(byte tree, ulong directory, in FileHandle handle)
    {
        if (IsFull || IsNameless(directory, handle))
            return false;
        bool isNew = !_directories.TryGetValue((tree, directory), out FileHandle known) || !known.Value.SequenceEqual(handle.Value);
        _directories[(tree, directory)] = handle;
        return isNew;
    }

    /// <summary>The attributes of a file, and a range of its content; an empty one: none of it.</summary>
    public void MarkFile(byte tree, ulong file, in FileHandle handle, long start = 0, long end = 0)
    {
        if (FileOf(tree, file, handle) is not { } marked)
            return;
        long before = marked.Bytes;
        marked.Mark(start, end);
        Bytes += marked.Bytes - before;
    }

    /// <summary>All of a file: what the other node has under its name may be another one.</summary>
    /// <param name="sizeBytes">Its present size.</param>
    public void MarkWhole(byte tree, ulong file, in FileHandle handle, long sizeBytes, bool isCreated)
    {
        if (FileOf(tree, file, handle) is not { } marked)
            return;
        long before = marked.Bytes;
        marked.MarkWhole(sizeBytes);
        marked.IsCreated |= isCreated;
        Bytes += marked.Bytes - before;
    }

    /// <summary>Whether the file has come into being since the checkpoint.</summary>
    public bool IsCreated(byte tree, ulong file, in FileHandle handle) => TryGet(tree, file, handle) is { IsCreated: true };

    /// <summary>Null where it is not marked.</summary>
    public MarkedFile? TryGet(byte tree, ulong file, in FileHandle handle) =>
        _files.TryGetValue((tree, file), out MarkedFile? marked) && marked.IsOf(handle) ? marked : null;

    /// <summary>Not everything is marked any more; the first reason counts.</summary>
    public void GiveUp(string reason)
    {
        GivenUp ??= reason;
        _files.Clear();
        _directories.Clear();
        Bytes = 0;
    }

    /// <summary>Takes everything that is marked in another, older one.</summary>
    public void Add(ChangeMarks older)
    {
        if (older.GivenUp is { } reason)
            GiveUp(reason);
        foreach (((byte tree, ulong file), FileHandle handle) in older._directories)
        {
            if (!HasDirectory(tree, file))
                MarkDirectory(tree, file, handle);
        }

        foreach (((byte tree, ulong file), MarkedFile marked) in older._files)
            Add(tree, file, marked);
    }

    private bool IsFull => GivenUp is not null;

    private void Add(byte tree, ulong file, MarkedFile older)
    {
        // The number may have come back with another file: of the one before nothing is left.
        bool isAnother = _files.TryGetValue((tree, file), out MarkedFile? known) && !known.IsOf(older.Handle);
        if (isAnother || FileOf(tree, file, older.Handle) is not { } marked)
            return;
        long before = marked.Bytes;
        marked.Add(older);
        Bytes += marked.Bytes - before;
    }

    private MarkedFile? FileOf(byte tree, ulong file, in FileHandle handle)
    {
        if (IsFull || IsNameless(file, handle))
            return null;
        if (_files.TryGetValue((tree, file), out MarkedFile? marked) && marked.IsOf(handle))
            return marked;
        if (marked is not null)
            Bytes -= marked.Bytes;
        return _files[(tree, file)] = new MarkedFile(tree, file, handle);
    }

    /// <summary>Without a handle a file is not found again.</summary>
    private bool IsNameless(ulong file, in FileHandle handle)
    {
        if (handle.IsEmpty && file != FileId.Root)
            GiveUp("the file system gives no handles");
        else if (Count >= EntriesMax)
            GiveUp($"more than {EntriesMax} files and directories changed");
        return GivenUp is not null;
    }
}
