using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <content>What is left to each node.</content>
public sealed partial class MountedTree
{
    private const int PathBytesMax = 4096;

    /// <summary>Counts moves of directories: after one, what was found out about paths is found out again.</summary>
    private long _directoryMoves;

    /// <summary>Whether an inode is left out, by the first of its known names.</summary>
    private bool IsExcluded(Inode inode)
    {
        if (_exclusions.IsEmpty || inode.Number == FileId.Root)
            return false;
        long version = Volatile.Read(ref _directoryMoves);
        if (inode.ExclusionVersion == version)
            return inode.Excluded;
        if (!_names.TryGet(inode, 0, out InodeName name) || _inodes.Find(name.Parent) is not { } parent)
            return inode.Excluded;
        using Pinned at = _descriptors.Pin(parent);
        if (at.Failed)
            return inode.Excluded;
        inode.Excluded = IsExcluded(at.Descriptor, name.Name, inode.IsDirectory);
        inode.ExclusionVersion = version;
        return inode.Excluded;
    }

    private bool IsExcluded(int directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        if (_exclusions.IsEmpty)
            return false;
        Span<byte> path = stackalloc byte[PathBytesMax];
        int bytes = RelativePath(directory, path);
        if (bytes < 0 || bytes + 1 + name.Length > path.Length)
            return false;
        if (bytes > 0)
            path[bytes++] = (byte)'/';
        name.CopyTo(path[bytes..]);
        return _exclusions.Excludes(path[..(bytes + name.Length)], isDirectory);
    }

    /// <summary>Path of an open directory relative to the tree, from the kernel; -1 where it has none.</summary>
    private int RelativePath(int directory, Span<byte> path)
    {
        int bytes = Lower.PathOf(directory, path);
        if (bytes < _rootPathBytes)
            return -1;
        int skipped = Math.Min(bytes, _rootPathBytes > 1 ? _rootPathBytes + 1 : 1);
        path[skipped..bytes].CopyTo(path);
        return bytes - skipped;
    }

    /// <summary>Whether something would become replicated, or cease to be, without having been created or removed.</summary>
    private bool CrossesExclusion(Place from, Place to, bool isDirectory)
    {
        if (_exclusions.IsEmpty)
            return false;
        if (IsExcluded(from.At, from.Span, isDirectory) != IsExcluded(to.At, to.Span, isDirectory))
            return true;
        // Rules tell what lies below by its path: only where neither path has a rule below it does a directory move as a whole.
        return isDirectory && (_exclusions.ReachesBelow || IsAboveExclusion(from) || IsAboveExclusion(to));
    }

    private bool IsAboveExclusion(Place place)
    {
        Span<byte> path = stackalloc byte[PathBytesMax];
        int bytes = RelativePath(place.At, path);
        if (bytes < 0 || bytes + 1 + place.Span.Length > path.Length)
            return true;
        if (bytes > 0)
            path[bytes++] = (byte)'/';
        place.Span.CopyTo(path[bytes..]);
        return _exclusions.HasRuleBelow(path[..(bytes + place.Span.Length)]);
    }
}
