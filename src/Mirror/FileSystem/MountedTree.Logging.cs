using SafeKit.Mirror.Native;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>
/// What is marked on this node's disk before it changes, by path, so that after a crash of this node only that is compared. What has come into being
/// since the last checkpoint needs no mark: the other node has marked it, or does not have it.
/// </content>
public sealed unsafe partial class MountedTree
{
    private readonly GoneNames _goneNames = new();

    /// <summary>Before a change of content or attributes, inside the gate, outside of locks.</summary>
    private void LogContent(Inode inode, ByteRange range)
    {
        long serial = _recorder.LogSerial;
        if (serial == 0 || (inode.Logged is { } known && known.Covers(serial, range)) || IsExcluded(inode))
            return;
        byte[]? path;
        ByteRange region;
        long size;
        lock (_namespace)
        {
            if (inode.IsDirectory && !inode.Nameless)
            {
                LogDirectory(inode);
                return;
            }

            if (!NeedsMark(inode, serial))
                return;
            LoggedRanges before = inode.Logged is { } logged && logged.Serial == serial ? logged : new LoggedRanges(serial, []);
            region = before.RegionOf(range);
            path = PathOf(inode, out size);
        }

        if (path is null)
        {
            _recorder.GiveUpLog("a file changed of which no name is known");
            return;
        }

        _recorder.LogRange(Index, path, region.Start, region.End, Math.Clamp(size - region.Start, 0, region.End - region.Start));
        lock (_namespace)
        {
            LoggedRanges before = inode.Logged is { } logged && logged.Serial == serial ? logged : new LoggedRanges(serial, []);
            inode.Logged = before.With(region);
        }
    }

    private bool NeedsMark(Inode inode, long serial)
    {
        if (inode.Nameless)
        {
            // After a loss of power its last name may be back.
            if (inode.GoneSerial != 0 && inode.GoneSerial >= serial - 1)
                _recorder.GiveUpLog("a file changed after its last name had gone");
            return false;
        }

        if (!_recorder.IsCreated(Index, inode.Number, inode.Handle))
            return true;
        inode.Logged = LoggedRanges.Everything(serial);
        return false;
    }

    /// <summary>Under the namespace lock, before names in a directory change, or its attributes.</summary>
    private void LogDirectory(Inode directory)
    {
        long serial = _recorder.LogSerial;
        if (serial == 0 || directory.Logged?.Serial == serial)
            return;
        if (!_recorder.IsCreated(Index, directory.Number, directory.Handle))
        {
            if (PathOf(directory) is { } path)
                _recorder.LogDirectory(Index, path);
            else
                _recorder.GiveUpLog("a directory changed of which no path is known");
        }

        directory.Logged = LoggedRanges.Everything(serial);
    }

    /// <summary>Before something gets a name, under the namespace lock: what had it before may be there still on the other node.</summary>
    private void LogArrival(Inode parent, int at, ReadOnlySpan<byte> name, bool isDirectory)
    {
        long serial = _recorder.LogSerial;
        if (serial == 0 || !_goneNames.TryTake(serial, parent.Number, name, isDirectory))
            return;
        if (isDirectory)
            _recorder.GiveUpLog("a directory was made under a name that another one had");
        else
            LogWhole(at, name, 0);
    }

    /// <summary>Before a name goes for good, under the namespace lock.</summary>
    private void LogRemoval(Inode parent, in Victim victim, ReadOnlySpan<byte> name)
    {
        long serial = _recorder.LogSerial;
        if (serial == 0 || _recorder.IsCreated(Index, victim.Status.Inode, victim.Handle))
            return;
        if (!victim.LosesLastName)
            _recorder.GiveUpLog("one of several names of a file went");
        else if (!_goneNames.TryAdd(serial, parent.Number, name, victim.Status.IsDirectory))
            _recorder.GiveUpLog("too many files were removed");
        if (victim.Inode is { } inode)
            inode.GoneSerial = serial;
    }

    private void LogLink(Inode inode)
    {
        if (_recorder.LogSerial != 0 && !inode.Nameless && !_recorder.IsCreated(Index, inode.Number, inode.Handle))
            _recorder.GiveUpLog("a file got another name");
    }

    private void LogRename(Place from, Place to, in Victim moved, in Victim target, bool replaces, bool exchange)
    {
        if (_recorder.LogSerial == 0)
            return;
        LogMove(from, moved);
        LogArrival(to.Parent, to.At, to.Span, moved.Status.IsDirectory);
        if (!replaces)
            return;
        if (exchange && (moved.Status.IsDirectory || target.Status.IsDirectory))
            _recorder.GiveUpLog("a directory was exchanged");
        else if (exchange)
            LogExchanged(from, to, target);
        else
            LogReplacement(to, moved, target);
    }

    private void LogExchanged(Place from, Place to, in Victim target)
    {
        LogMove(to, target);
        LogArrival(from.Parent, from.At, from.Span, isDirectory: false);
    }

    /// <summary>
    /// What was there at the checkpoint may stand under its old name after a loss of power, with what is written to it under the new one.
    /// </summary>
    private void LogMove(Place from, in Victim moved)
    {
        if (_recorder.IsCreated(Index, moved.Status.Inode, moved.Handle))
            return;
        if (moved.Status.IsDirectory || !moved.LosesLastName)
        {
            _recorder.GiveUpLog("a directory, or a file with several names, was renamed");
            return;
        }

        LogWhole(from.At, from.Span, (long)moved.Status.Size);
    }

    private void LogReplacement(Place to, in Victim moved, in Victim target)
    {
        if (_recorder.IsCreated(Index, target.Status.Inode, target.Handle))
            return;
        if (moved.Status.IsDirectory || !target.LosesLastName)
            _recorder.GiveUpLog("a directory, or one of several names of a file, was replaced");
        else
            LogWhole(to.At, to.Span, (long)target.Status.Size);
    }

    private void LogWhole(int directory, ReadOnlySpan<byte> name, long bytes)
    {
        if (PathBelow(directory, name) is { } path)
            _recorder.LogWhole(Index, path, bytes);
        else
            _recorder.GiveUpLog("a file changed in a directory of which no path is known");
    }

    /// <summary>Of a directory; null where it has none.</summary>
    private byte[]? PathOf(Inode directory)
    {
        using Pinned at = _descriptors.Pin(directory);
        return at.Failed ? null : PathBelow(at.Descriptor, []);
    }

    /// <summary>Of a file, by one of its names; null where none is known.</summary>
    private byte[]? PathOf(Inode inode, out long sizeBytes)
    {
        sizeBytes = 0;
        using (Pinned self = _descriptors.Pin(inode))
        {
            if (!self.Failed && Lower.Status(self.Descriptor, out Statx status) == 0)
                sizeBytes = (long)status.Size;
        }

        for (int i = 0; _names.TryGet(inode, i, out InodeName name); i++)
        {
            if (_inodes.Find(name.Parent) is not { } parent)
                continue;
            using Pinned at = _descriptors.Pin(parent);
            return at.Failed ? null : PathBelow(at.Descriptor, name.Name);
        }

        return null;
    }

    private byte[]? PathBelow(int directory, ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[PathBytesMax];
        int bytes = RelativePath(directory, path);
        if (bytes < 0 || bytes + 1 + name.Length > path.Length)
            return null;
        if (bytes > 0 && name.Length > 0)
            path[bytes++] = (byte)'/';
        name.CopyTo(path[bytes..]);
        return path[..(bytes + name.Length)].ToArray();
    }
}
