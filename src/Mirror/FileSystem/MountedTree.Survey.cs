using System.Buffers;
using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>What a reintegration asks for: files by their handles.</content>
public sealed unsafe partial class MountedTree
{
    private const int PieceBytesMax = FuseRequest.WriteBytesMax;

    public bool AppendAttributes(in SurveyedFile file, OperationFlags flags)
    {
        if (Hold(file) is not { } inode)
            return false;
        try
        {
            lock (inode.Content)
            {
                using Pinned at = _descriptors.Pin(inode);
                if (at.Failed && IsGone("open", at.Errno))
                    return false;
                int errno = Lower.Status(at.Descriptor, out Statx status);
                if ((errno != 0 && IsGone("statx", errno)) || status.Links == 0)
                    return false;
                AppendAttributes(inode, at.Descriptor, status, flags);
                return true;
            }
        }
        finally
        {
            Forget(inode.Number, 1);
        }
    }

    public ContentPiece AppendDigest(in SurveyedFile file, long offset, int length, OperationFlags flags) =>
        WithContent(file, (inode, opened, status) => AppendDigest(inode, opened, status, offset, length, flags));

    public ContentPiece AppendContent(in SurveyedFile file, long offset, long length, OperationFlags flags) =>
        WithContent(file, (inode, opened, status) => AppendContent(inode, opened, status, offset, length, flags));

    private ContentPiece WithContent(in SurveyedFile file, Func<Inode, int, Statx, ContentPiece> append)
    {
        if (Hold(file) is not { } inode)
            return ContentPiece.Gone;
        try
        {
            lock (inode.Content)
            {
                using Pinned at = _descriptors.Pin(inode);
                int opened = at.Failed ? -at.Errno : Lower.Reopen(at.Descriptor, LibC.O_RDONLY);
                if (opened < 0 && IsGone("open", -opened))
                    return ContentPiece.Gone;
                try
                {
                    int errno = Lower.Status(opened, out Statx status);
                    bool isGone = (errno != 0 && IsGone("statx", errno)) || status.Links == 0 || !status.IsRegular;
                    return isGone ? ContentPiece.Gone : append(inode, opened, status);
                }
                finally
                {
                    _ = LibC.close(opened);
                }
            }
        }
        finally
        {
            Forget(inode.Number, 1);
        }
    }

    /// <summary>
    /// Whether the error says that the file is not there any more. With any other, what is there is not known: taken for absence or for an end
    /// it would delete or lack data on the other node.
    /// </summary>
    /// <exception cref="Core.SafeKitException">It cannot be read.</exception>
    private bool IsGone(string call, int errno) => errno is Errno.ENOENT or Errno.ESTALE ? true : throw Unreadable(call, errno);

    private Core.SafeKitException Unreadable(string call, int errno) =>
        new($"{_root.Path}: something in it cannot be read on this node: {Errno.Describe(call, errno)}; look for disk errors (dmesg)");

    /// <summary>The inode, with one more reference. Null where its number means another file now.</summary>
    private Inode? Hold(in SurveyedFile file)
    {
        if (file.File != FileId.Root)
            return _inodes.TakeIfSame(file.File, file.Handle, file.Mode & LibC.S_IFMT);
        return _inodes.TakeIfSame(FileId.Root, default, LibC.S_IFDIR);
    }

    private ulong AppendAttributes(Inode inode, int descriptor, in Statx status, OperationFlags flags)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(OperationHeader.BytesMax);
        try
        {
            int bytes = Xattrs.Collect(descriptor, room.AsSpan(0, PieceBytesMax));
            OperationHeader header = OperationHeader.Of(OperationKind.Attributes, Index, inode.Number);
            header.Flags = flags;
            header.MtimeNs = status.MtimeNs;
            header.Mode = status.Mode;
            header.UserId = status.UserId;
            header.GroupId = status.GroupId;
            header.Length = (long)status.Size;
            return AppendContentChange(inode, ref header, room.AsSpan(0, bytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    /// <summary>
    /// A file that the other node does not know gets a name in a directory that it knows: it is recorded as created there, with all that it
    /// has. Under the
    /// namespace lock and the file's own.
    /// </summary>
    private ulong RecordAppearance(Inode inode, int descriptor, Inode parent, int at, ReadOnlySpan<byte> name, in Statx status)
    {
        try
        {
            return RecordWholeAppearance(inode, descriptor, parent, at, name, status);
        }
        catch (Core.SafeKitException e)
        {
            _recorder.GiveUpEpoch(e.Message);
            return 0;
        }
    }

    private ulong RecordWholeAppearance(Inode inode, int descriptor, Inode parent, int at, ReadOnlySpan<byte> name, in Statx status)
    {
        Span<byte> target = stackalloc byte[FuseRequest.PageBytes];
        int targetBytes = 0;
        byte empty = 0;
        if (inode.Type == LibC.S_IFLNK)
        {
            fixed (byte* room = target)
                targetBytes = (int)LibC.readlinkat(descriptor, &empty, room, (nuint)target.Length);
            if (targetBytes < 0)
                throw Unreadable("readlinkat", Errno.Last);
        }
        ulong sequence = RecordCreation(inode, parent, at, name, status, target[..targetBytes]);
        if (inode.IsDirectory)
            return sequence;
        if (inode.Type == LibC.S_IFREG && _recorder.Introduction == Introduction.BySurvey)
        {
            // However long it is: the survey sends it in pieces, and waits for room between them.
            _recorder.Appeared(Index, new SurveyedFile(inode.Number, inode.Handle, status.Mode, (long)status.Size, status.Links));
        }
        else if (inode.Type == LibC.S_IFREG)
        {
            int opened = Lower.Reopen(descriptor, LibC.O_RDONLY);
            if (opened < 0)
                throw Unreadable("open", -opened);
            try
            {
                AppendWholeContent(inode, opened, status);
            }
            finally
            {
                _ = LibC.close(opened);
            }
        }
        return AppendAttributes(inode, descriptor, status, OperationFlags.None);
    }
}
