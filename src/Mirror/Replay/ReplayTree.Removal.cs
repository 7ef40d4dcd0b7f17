using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Replay;

/// <summary>Removing what the primary does not have.</summary>
internal sealed unsafe partial class ReplayTree
{
    private const byte Slash = (byte)'/';

    /// <summary>
    /// Removes a name, and everything below it where it is a directory: level by level with one open directory at a time, however deep it is.
    /// What is left to each node
    /// stays, and with it the directories that hold it.
    /// </summary>
    /// <returns>Whether the name is gone.</returns>
    private bool Remove(int directory, ReadOnlySpan<byte> name)
    {
        HasChanged = true;
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(name, text);
        if (LibC.unlinkat(directory, text, 0) == 0)
            return true;
        return Errno.Last is Errno.EISDIR or Errno.EPERM
            ? RemoveDirectoryTree(directory, name)
            : throw Failed("unlink", directory, name, Errno.Last);
    }

    private bool RemoveDirectoryTree(int directory, ReadOnlySpan<byte> name)
    {
        var path = new List<byte[]>();
        var kept = new HashSet<ulong>();
        byte[] above = Join(RelativePath(directory), name);
        int current = OpenDirectory(directory, name);
        try
        {
            while (true)
            {
                byte[]? below = Empty(current, Join(above, path), kept);
                if (below is not null)
                {
                    Descend(ref current, below);
                    path.Add(below);
                    continue;
                }

                if (path.Count == 0)
                    break;
                ulong left = StatOf(current).Inode;
                Descend(ref current, ".."u8);
                if (!TryRemoveEmpty(current, path[^1]))
                    kept.Add(left);
                path.RemoveAt(path.Count - 1);
            }
        }
        finally
        {
            _ = LibC.close(current);
        }

        return TryRemoveEmpty(directory, name);
    }

    /// <summary>Removes the names of one directory up to the first directory among them that is not kept.</summary>
    /// <returns>That directory's name; null where only what is kept is left.</returns>
    private byte[]? Empty(int directory, byte[] relative, HashSet<ulong> kept)
    {
        byte* text = stackalloc byte[NativeText.NameRoom];
        int descriptor = OpenDirectory(directory, "."u8);
        try
        {
            var names = new DirectoryNames(descriptor, stackalloc byte[NamesBytes]);
            while (names.Next())
            {
                if (IsExcluded(directory, relative, names.Name))
                    continue;
                WriteName(names.Name, text);
                if (LibC.unlinkat(directory, text, 0) == 0)
                    continue;
                if (Errno.Last is not (Errno.EISDIR or Errno.EPERM))
                    throw Failed("unlink", directory, names.Name, Errno.Last);
                if (TryStat(directory, names.Name, out Statx stat) && !kept.Contains(stat.Inode))
                    return stat.IsDirectory ? names.Name.ToArray() : throw Failed("unlink", directory, names.Name, Errno.EPERM);
            }

            return null;
        }
        finally
        {
            _ = LibC.close(descriptor);
        }
    }

    private static void Descend(ref int current, ReadOnlySpan<byte> name)
    {
        int next = OpenDirectory(current, name);
        _ = LibC.close(current);
        current = next;
    }

    /// <summary>False where something that is left to each node keeps the directory.</summary>
    private bool TryRemoveEmpty(int directory, ReadOnlySpan<byte> name)
    {
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(name, text);
        if (LibC.unlinkat(directory, text, LibC.AT_REMOVEDIR) == 0)
            return true;
        return Errno.Last == Errno.ENOTEMPTY && _root.IsExcluded is not null
            ? false
            : throw Failed("rmdir", directory, name, Errno.Last);
    }

    /// <summary>Whether a directory that the primary does not have, or has removed, is here only for what is left to each node.</summary>
    private bool IsLeftForExcluded(int directory, ReadOnlySpan<byte> name) =>
        _root.IsExcluded is not null && TryStat(directory, name, out Statx stat) && stat.IsDirectory && HoldsOnlyExcluded(directory, name);

    private bool HoldsOnlyExcluded(int directory, ReadOnlySpan<byte> name)
    {
        byte[] relative = Join(RelativePath(directory), name);
        int descriptor = OpenDirectory(directory, name);
        try
        {
            var names = new DirectoryNames(descriptor, stackalloc byte[NamesBytes]);
            while (names.Next())
            {
                if (!IsExcluded(descriptor, relative, names.Name) && !IsKeptDirectory(descriptor, names.Name))
                    return false;
            }

            return true;
        }
        finally
        {
            _ = LibC.close(descriptor);
        }
    }

    /// <summary>One level further is looked at; deeper ones count as the primary's.</summary>
    private bool IsKeptDirectory(int directory, ReadOnlySpan<byte> name)
    {
        if (!TryStat(directory, name, out Statx stat) || !stat.IsDirectory)
            return false;
        byte[] relative = Join(RelativePath(directory), name);
        int descriptor = OpenDirectory(directory, name);
        try
        {
            var names = new DirectoryNames(descriptor, stackalloc byte[NamesBytes]);
            while (names.Next())
            {
                if (!IsExcluded(descriptor, relative, names.Name))
                    return false;
            }

            return true;
        }
        finally
        {
            _ = LibC.close(descriptor);
        }
    }

    /// <summary>Rules may mean files only: the type is that of the name in the open directory.</summary>
    private bool IsExcluded(int directory, byte[] relative, ReadOnlySpan<byte> name) =>
        _root.IsExcluded is { } isExcluded
        && isExcluded(Join(relative, name), TryStat(directory, name, out Statx stat) && stat.IsDirectory);

    /// <summary>Path of a directory below the replicated one; empty for that itself. Only exclusion rules want it.</summary>
    private byte[] RelativePath(int directory)
    {
        if (_root.IsExcluded is null)
            return [];
        ReadOnlySpan<byte> root = PathBytes(_mount);
        ReadOnlySpan<byte> path = PathBytes(directory);
        return path.Length <= root.Length ? [] : path[(root.Length + 1)..].ToArray();
    }

    private static byte[] Join(byte[] above, ReadOnlySpan<byte> name) => above.Length == 0 ? name.ToArray() : [.. above, Slash, .. name];

    private byte[] Join(byte[] above, List<byte[]> path)
    {
        if (_root.IsExcluded is null)
            return above;
        foreach (byte[] name in path)
            above = Join(above, name);
        return above;
    }
}
