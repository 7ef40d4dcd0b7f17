using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>Attributes of inodes.</content>
public sealed unsafe partial class MountedTree
{
    private void GetAttributes(FuseRequest request)
    {
        if (Subject(request) is not { } inode)
            return;
        int errno = StatusOf(inode, out Statx status);
        if (errno != 0)
            request.Fail(errno);
        else
            ReplyAttributes(request, status);
    }

    private void GetExtendedStatus(FuseRequest request)
    {
        if (Subject(request) is not { } inode)
            return;
        int errno = StatusOf(inode, out Statx status);
        if (errno != 0)
        {
            request.Fail(errno);
            return;
        }
        request.Out<FuseAbi.StatxOut>()->ValidSeconds = _cacheSeconds;
        *(Statx*)(request.Out<FuseAbi.StatxOut>() + 1) = status;
        request.Out<FuseAbi.StatxOut>()->ValidSeconds = _cacheSeconds;
        request.Reply(sizeof(FuseAbi.StatxOut) + sizeof(Statx));
    }

    private int StatusOf(Inode inode, out Statx status)
    {
        using Pinned at = _descriptors.Pin(inode);
        status = default;
        return at.Failed ? at.Errno : Lower.Status(at.Descriptor, out status);
    }

    private void ReplyAttributes(FuseRequest request, in Statx status)
    {
        *request.Out<FuseAbi.AttrOut>() = new FuseAbi.AttrOut { ValidSeconds = _cacheSeconds, Attr = AttributesOf(status) };
        request.Reply(sizeof(FuseAbi.AttrOut));
    }

    private void SetAttributes(FuseRequest request)
    {
        if (Subject(request) is not { } inode)
            return;
        FuseAbi.SetAttrIn wanted = request.In<FuseAbi.SetAttrIn>();
        using Pinned at = _descriptors.Pin(inode);
        if (at.Failed)
        {
            request.Fail(at.Errno);
            return;
        }
        if (inode.Nameless && inode.GoneSerial != 0 && SetsTimeOnly(wanted))
        {
            AnswerOfGone(request, at.Descriptor);
            return;
        }

        ulong sequence = 0;
        if (SetsTimeOnly(wanted) && ((wanted.Valid & FuseAbi.AttrMtime) == 0 || IsMtime(at.Descriptor, wanted)))
            PrepareRecord(inode);
        else
            PrepareContent(inode, (wanted.Valid & FuseAbi.AttrSize) != 0 ? new ByteRange((long)wanted.Size, ByteRange.ToTheEnd) : default);
        lock (inode.Content)
        {
            int errno = Apply(inode, at.Descriptor, wanted, out AttributeMask done);
            int unread = Lower.Status(at.Descriptor, out Statx status);
            if (done != AttributeMask.None && unread != 0 && IsRecorded(inode))
                _recorder.GiveUpEpoch(UnrecordedChange);
            else if (done != AttributeMask.None && IsRecorded(inode))
                sequence = RecordAttributes(inode, status, done);
            ByteRange changed = done.HasFlag(AttributeMask.Size) ? new ByteRange((long)wanted.Size, ByteRange.ToTheEnd) : default;
            if (done != AttributeMask.None && sequence == 0)
                sequence = ContentNotRecorded(inode, changed);
            if ((errno = errno != 0 ? errno : unread) != 0)
                request.Fail(errno);
            else
                ReplyAttributes(request, status);
        }
        Conclude(request, sequence);
    }

    /// <summary>Sets what is wanted, in the order in which one does not undo the other. What was done is told even where the rest failed.</summary>
    private int Apply(Inode inode, int descriptor, in FuseAbi.SetAttrIn wanted, out AttributeMask done)
    {
        byte empty = 0;
        uint valid = wanted.Valid;
        done = AttributeMask.None;
        if ((valid & FuseAbi.AttrSize) != 0)
        {
            int errno = Truncate(descriptor, wanted);
            if (errno != 0)
                return errno;
            done |= AttributeMask.Size | AttributeMask.Mtime;
            if ((valid & FuseAbi.AttrKillSuidgid) != 0 && DropPrivileges(inode, descriptor))
                done |= AttributeMask.Mode;
        }
        if ((valid & (FuseAbi.AttrUid | FuseAbi.AttrGid)) != 0)
        {
            // The kernel below takes set-uid and set-gid away from files itself, and not from directories (chown(2)).
            uint user = (valid & FuseAbi.AttrUid) != 0 ? wanted.User : uint.MaxValue;
            uint group = (valid & FuseAbi.AttrGid) != 0 ? wanted.Group : uint.MaxValue;
            if (LibC.fchownat(descriptor, &empty, user, group, LibC.AT_EMPTY_PATH) != 0)
                return Errno.Last;
            done |= AttributeMask.UserId | AttributeMask.GroupId | (inode.Type == LibC.S_IFLNK ? AttributeMask.None : AttributeMask.Mode);
        }
        if ((valid & FuseAbi.AttrMode) != 0)
        {
            int errno = Lower.SetMode(descriptor, wanted.Mode);
            if (errno != 0)
                return errno;
            done |= AttributeMask.Mode;
        }
        return SetTimes(descriptor, wanted, ref done);
    }

    /// <summary>Nothing but the modification time that the kernel has kept; it sends it also where that has not changed.</summary>
    private static bool SetsTimeOnly(in FuseAbi.SetAttrIn wanted)
    {
        const uint Others = FuseAbi.AttrSize | FuseAbi.AttrUid | FuseAbi.AttrGid | FuseAbi.AttrMode
            | FuseAbi.AttrAtime | FuseAbi.AttrAtimeNow | FuseAbi.AttrMtimeNow;
        return (wanted.Valid & Others) == 0;
    }

    /// <summary>
    /// Of a file that has been removed the kernel sends the time when it lets it go. Nobody looks at it any more, and after a loss of power, when the
    /// file may be there again, it would be a change that nobody has marked.
    /// </summary>
    private void AnswerOfGone(FuseRequest request, int descriptor)
    {
        int errno = Lower.Status(descriptor, out Statx status);
        if (errno != 0)
            request.Fail(errno);
        else
            ReplyAttributes(request, status);
    }

    private int Truncate(int descriptor, in FuseAbi.SetAttrIn wanted)
    {
        OpenFile? file = (wanted.Valid & FuseAbi.AttrFh) != 0 ? _files.Find(wanted.Handle) : null;
        if (file is { Writable: true })
            return LibC.ftruncate(file.Descriptor, (long)wanted.Size) == 0 ? 0 : Errno.Last;
        int opened = Lower.Reopen(descriptor, LibC.O_WRONLY);
        if (opened < 0)
            return -opened;
        int errno = LibC.ftruncate(opened, (long)wanted.Size) == 0 ? 0 : Errno.Last;
        _ = LibC.close(opened);
        return errno;
    }

    private static int SetTimes(int descriptor, in FuseAbi.SetAttrIn wanted, ref AttributeMask done)
    {
        const uint Times = FuseAbi.AttrAtime | FuseAbi.AttrMtime | FuseAbi.AttrAtimeNow | FuseAbi.AttrMtimeNow;
        if ((wanted.Valid & Times) == 0)
            return 0;
        // The kernel keeps times itself while it writes back, and sends them also when nothing has changed in them.
        if ((wanted.Valid & Times) == FuseAbi.AttrMtime && IsMtime(descriptor, wanted))
            return 0;
        byte empty = 0;
        Timespec* times = stackalloc Timespec[2];
        times[0] = TimeOf(wanted.Valid, FuseAbi.AttrAtime, FuseAbi.AttrAtimeNow, wanted.Atime, wanted.AtimeNs);
        times[1] = TimeOf(wanted.Valid, FuseAbi.AttrMtime, FuseAbi.AttrMtimeNow, wanted.Mtime, wanted.MtimeNs);
        if (LibC.utimensat(descriptor, &empty, times, LibC.AT_EMPTY_PATH) != 0)
            return Errno.Last;
        if ((wanted.Valid & (FuseAbi.AttrMtime | FuseAbi.AttrMtimeNow)) != 0)
            done |= AttributeMask.Mtime;
        return 0;
    }

    private static bool IsMtime(int descriptor, in FuseAbi.SetAttrIn wanted) =>
        Lower.Status(descriptor, out Statx status) == 0
        && status.Mtime.Seconds == (long)wanted.Mtime
        && status.Mtime.Fraction == wanted.MtimeNs;

    private static Timespec TimeOf(uint valid, uint given, uint now, ulong seconds, uint fraction) =>
        (valid & now) != 0 ? Timespec.Now
        : (valid & given) != 0 ? new Timespec { Seconds = (long)seconds, Fraction = fraction }
        : Timespec.Omitted;

    /// <summary>What Linux does when somebody without CAP_FSETID changes a file's content: for regular files only.</summary>
    private static bool DropPrivileges(Inode inode, int descriptor)
    {
        if (inode.Type != LibC.S_IFREG || Lower.Status(descriptor, out Statx status) != 0)
            return false;
        uint mode = status.Mode & ~LibC.S_ISUID;
        if ((mode & LibC.S_IXGRP) != 0)
            mode &= ~LibC.S_ISGID;
        return mode != status.Mode && Lower.SetMode(descriptor, mode) == 0;
    }

    private ulong RecordAttributes(Inode inode, in Statx status, AttributeMask done)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.SetAttributes, Index, inode.Number);
        header.Argument = (uint)done;
        header.MtimeNs = status.MtimeNs;
        header.Mode = status.Mode;
        header.UserId = status.UserId;
        header.GroupId = status.GroupId;
        header.Length = (long)status.Size;
        return AppendContentChange(inode, ref header, []);
    }
}
