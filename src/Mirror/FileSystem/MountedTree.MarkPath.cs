using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>What a former primary says that it has changed.</content>
public sealed unsafe partial class MountedTree
{
    public int SyncDisk() => _root.Sync();

    void IReplicatedTree.MarkPath(ReadOnlySpan<byte> path, bool isDirectory, ByteRange? range)
    {
        lock (_namespace)
        {
            int at = Lower.Reopen(_root.Descriptor, LibC.O_PATH | LibC.O_DIRECTORY);
            try
            {
                var directory = new SurveyedFile(FileId.Root, _rootInode.Handle, LibC.S_IFDIR);
                ReadOnlySpan<byte> rest = path;
                while (at >= 0 && (isDirectory ? rest.Length > 0 : rest.Contains((byte)'/')))
                {
                    int slash = rest.IndexOf((byte)'/');
                    ReadOnlySpan<byte> name = slash < 0 ? rest : rest[..slash];
                    rest = slash < 0 ? [] : rest[(slash + 1)..];
                    int next = OpenNamed(at, name, out SurveyedFile found);
                    _ = LibC.close(at);
                    at = next;
                    directory = found;
                }

                if (at < 0 || (directory.Mode & LibC.S_IFMT) != LibC.S_IFDIR)
                    return;
                _recorder.MarkDirectory(Index, directory.File, directory.Handle);
                if (!isDirectory)
                    MarkNamed(at, rest, range);
            }
            finally
            {
                if (at >= 0)
                    _ = LibC.close(at);
            }
        }
    }

    private void MarkNamed(int directory, ReadOnlySpan<byte> name, ByteRange? range)
    {
        int descriptor = OpenNamed(directory, name, out SurveyedFile file);
        if (descriptor < 0)
            return;
        _ = LibC.close(descriptor);
        if ((file.Mode & LibC.S_IFMT) == LibC.S_IFDIR)
            _recorder.MarkDirectory(Index, file.File, file.Handle);
        else if (range is { } part)
            _recorder.MarkRange(Index, file.File, file.Handle, part.Start, part.End);
        else
            _recorder.MarkMoved(Index, file.File, file.Handle, file.Size, isPlain: true);
    }

    /// <returns>A descriptor, or less than 0 where nothing is there.</returns>
    /// <exception cref="Core.SafeKitException">It cannot be read.</exception>
    private int OpenNamed(int directory, ReadOnlySpan<byte> name, out SurveyedFile found)
    {
        found = default;
        byte* text = stackalloc byte[NativeText.NameRoom];
        if (!NativeText.TryName(name, new Span<byte>(text, NativeText.NameRoom)))
            throw new Core.SafeKitException("the secondary has marked a path that is none; both nodes must run the same version");
        int errno = Resolve(directory, text, out int descriptor, out Statx status);
        if (errno is Errno.EXDEV or Errno.ENOTDIR || (errno != 0 && IsGone("open", errno)))
            return -1;
        if (Handles.Of(descriptor, out FileHandle handle) is not 0 and var refused && _root.HasHandles)
        {
            _ = LibC.close(descriptor);
            throw Unreadable("name_to_handle_at", refused);
        }

        found = new SurveyedFile(status.Inode, handle, status.Mode, (long)status.Size, status.Links);
        return descriptor;
    }
}
