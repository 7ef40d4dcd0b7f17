using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>What is marked of a change, so that after a crash of the other node only that is compared (<see cref="ChangeMarks"/>).</content>
public sealed unsafe partial class MountedTree
{
    /// <summary>
    /// Before a change of content or attributes: the file, and the directory in which a survey finds it. Once per inode and checkpoint.
    /// </summary>
    private void MarkContent(Inode inode)
    {
        long serial = _recorder.MarkSerial;
        if (serial == 0 || inode.MarkSerial == serial || inode.Nameless || IsExcluded(inode))
            return;
        lock (_namespace)
        {
            if (inode.Nameless)
                return;
            if (inode.IsDirectory)
            {
                MarkDirectory(inode);
                return;
            }

            if (DirectoryOf(inode) is { } directory)
                MarkDirectory(directory);
            else
                _recorder.GiveUpMarks($"a file changes of which no name is known (inode {inode.Number} of directory {Index})");
            _recorder.MarkFile(Index, inode.Number, inode.Handle);
            inode.MarkSerial = serial;
        }
    }

    /// <summary>Under the namespace lock, before a name in the directory changes.</summary>
    private void MarkDirectory(Inode directory)
    {
        long serial = _recorder.MarkSerial;
        if (serial == 0 || directory.MarkSerial == serial)
            return;
        _recorder.MarkDirectory(Index, directory.Number, directory.Handle);
        directory.MarkSerial = serial;
    }

    /// <summary>Under the namespace lock, when something has got its first name.</summary>
    private void MarkCreated(Inode inode, int directory, ReadOnlySpan<byte> name)
    {
        if (_recorder.LogSerial is not 0 and var serial)
            inode.Logged = LoggedRanges.Everything(serial);
        if (_recorder.MarkSerial != 0 && !IsExcluded(directory, name, inode.IsDirectory))
            _recorder.MarkCreated(Index, inode.Number, inode.Handle, inode.IsDirectory);
    }

    private void MarkRename(in Victim moved, in Victim target, bool replaces, bool exchange)
    {
        MarkMoved(moved);
        if (exchange)
            MarkMoved(target);
        else if (replaces && !target.LosesLastName)
            _recorder.MarkLinked(Index, target.Status.Inode, target.Handle);
    }

    private void MarkMoved(in Victim moved)
    {
        bool isPlain = !moved.Status.IsDirectory && moved.Status.Links <= 1;
        _recorder.MarkMoved(Index, moved.Status.Inode, moved.Handle, (long)moved.Status.Size, isPlain);
    }

    private Inode? DirectoryOf(Inode inode)
    {
        for (int i = 0; _names.TryGet(inode, i, out InodeName name); i++)
        {
            if (_inodes.Find(name.Parent) is { } parent)
                return parent;
        }

        return null;
    }

    public PathStep AppendPath(in SurveyedFile directory, Func<ulong, bool> isToBeListed, out SurveyedFile first)
    {
        first = default;
        if (directory.File == FileId.Root)
            return PathStep.Known;
        if (Hold(directory) is not { } inode)
            return PathStep.Gone;
        try
        {
            lock (_namespace)
            {
                using Pinned at = _descriptors.Pin(inode);
                if (inode.Nameless || (at.Failed && IsGone("open", at.Errno)))
                    return PathStep.Gone;

                // Of a removed directory the kernel shows a path still.
                int errno = Lower.Status(at.Descriptor, out Statx status);
                if ((errno != 0 && IsGone("statx", errno)) || status.Links == 0)
                    return PathStep.Gone;
                Span<byte> path = stackalloc byte[PathBytesMax];
                int bytes = RelativePath(at.Descriptor, path);
                if (bytes <= 0 || bytes >= PathBytesMax - _rootPathBytes - 1)
                    throw new Core.SafeKitException($"{_root.Path}: a directory that has changed has no path that is known (inode {directory.File})");
                return Descend(path[..bytes], directory.File, isToBeListed, out first);
            }
        }
        finally
        {
            Forget(inode.Number, 1);
        }
    }

    /// <summary>From the top: what is not known to the other node is introduced, up to a directory that has to be listed first.</summary>
    private PathStep Descend(ReadOnlySpan<byte> path, ulong wanted, Func<ulong, bool> isToBeListed, out SurveyedFile first)
    {
        first = default;
        byte* text = stackalloc byte[NativeText.NameRoom];
        var above = new SurveyedFile(FileId.Root, default, LibC.S_IFDIR);
        int current = Lower.Reopen(_root.Descriptor, LibC.O_PATH | LibC.O_DIRECTORY);
        try
        {
            foreach (Range part in path.Split((byte)'/'))
            {
                ReadOnlySpan<byte> name = path[part];
                if (current < 0 || !NativeText.TryName(name, new Span<byte>(text, NativeText.NameRoom)))
                    throw Unreadable("open", Core.Native.Errno.ENOENT);
                int next = Lower.OpenChild(current, text);
                _ = LibC.close(current);
                current = next;
                if (current < 0 || Lower.Status(current, out Statx status) != 0 || Handles.Of(current, out FileHandle handle) != 0)
                    throw Unreadable("open", Core.Native.Errno.ENOENT);
                if (!_recorder.IsIntroduced(Index, status.Inode))
                {
                    if (isToBeListed(above.File))
                    {
                        first = above;
                        return PathStep.ListFirst;
                    }

                    AppendIntroduction(status.Inode, handle, above.File, name);
                }

                above = new SurveyedFile(status.Inode, handle, LibC.S_IFDIR);
            }

            return above.File == wanted ? PathStep.Known : PathStep.Gone;
        }
        finally
        {
            if (current >= 0)
                _ = LibC.close(current);
        }
    }

    private void AppendIntroduction(ulong directory, in FileHandle handle, ulong parent, ReadOnlySpan<byte> name)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Introduce, Index, directory);
        header.Parent = parent;
        header.Mode = LibC.S_IFDIR;
        _recorder.Append(ref header, handle, name, [], []);
    }
}
