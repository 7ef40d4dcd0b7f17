namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// Names of files that were there at the last checkpoint and went since: what comes under such a name is another file than the other node may have
/// there. By hashes, so that it is bounded; two names with the same hash cost a mark too many. Under the namespace lock.
/// </summary>
internal sealed class GoneNames
{
    private const int NamesMax = 200_000;

    private HashSet<(ulong Directory, int Name, bool IsDirectory)> _present = [];
    private HashSet<(ulong Directory, int Name, bool IsDirectory)> _former = [];
    private long _serial;

    /// <returns>False where there are too many.</returns>
    public bool TryAdd(long serial, ulong directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        Turn(serial);
        _present.Add(KeyOf(directory, name, isDirectory));
        return _present.Count <= NamesMax;
    }

    /// <summary>
    /// Whether such a name went in this epoch of the log or in the one before, which may count still. Told once: the caller marks it, for
    /// as long as it
    /// matters.
    /// </summary>
    public bool TryTake(long serial, ulong directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        Turn(serial);
        if (_present.Count == 0 && _former.Count == 0)
            return false;
        (ulong, int, bool) key = KeyOf(directory, name, isDirectory);
        bool wasPresent = _present.Remove(key);
        return _former.Remove(key) || wasPresent;
    }

    private static (ulong Directory, int Name, bool IsDirectory) KeyOf(ulong directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        var hash = new HashCode();
        hash.AddBytes(name);
        return (directory, hash.ToHashCode(), isDirectory);
    }

    private void Turn(long serial)
    {
        if (serial == _serial)
            return;
        _former = serial == _serial + 1 ? _present : [];
        _present = [];
        _serial = serial;
    }
}
