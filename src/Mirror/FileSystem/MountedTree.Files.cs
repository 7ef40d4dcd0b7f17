using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>Open files: reading and writing.</content>
public sealed unsafe partial class MountedTree
{
    private void Open(FuseRequest request)
    {
        if (Subject(request) is not { } inode)
            return;
        FuseAbi.OpenIn wanted = request.In<FuseAbi.OpenIn>();
        int opened = OpenBelow(inode, wanted.Flags);
        if (opened < 0)
        {
            request.Fail(-opened);
            return;
        }
        *request.Out<FuseAbi.OpenOut>() = OpenedAs(inode, opened, wanted.Flags);
        request.Reply(sizeof(FuseAbi.OpenOut));
    }

    private int OpenBelow(Inode inode, uint flags)
    {
        using Pinned at = _descriptors.Pin(inode);
        return at.Failed ? at.Descriptor : Lower.Reopen(at.Descriptor, LowerFlags(flags));
    }

    /// <summary>
    /// How the file underneath is opened. With write-back the kernel also reads what is opened for writing only. What an application means by
    /// O_APPEND and O_SYNC the kernel sees to (right offsets; FSYNC after every write); O_DIRECT asks for alignment that requests do not have.
    /// </summary>
    private int LowerFlags(uint flags)
    {
        int access = (int)flags & LibC.O_ACCMODE;
        if (_writeBack && access == LibC.O_WRONLY)
            access = LibC.O_RDWR;
        return access | ((int)flags & LibC.O_NOATIME);
    }

    /// <summary>
    /// What the kernel is told of an open file. While it writes back it keeps the times, and moves them for O_DIRECT only where it handles that by
    /// itself: FOPEN_DIRECT_IO would leave the old modification time on show.
    /// </summary>
    private FuseAbi.OpenOut OpenedAs(Inode inode, int opened, uint flags)
    {
        bool direct = ((int)flags & LibC.O_DIRECT) != 0;
        uint answer = _settings.ReadOnly ? FuseAbi.OpenDirectIo
            : direct && !_writeBack ? FuseAbi.OpenDirectIo | FuseAbi.OpenParallelDirectWrites
            : FuseAbi.OpenKeepCache;
        bool writable = ((int)flags & LibC.O_ACCMODE) != LibC.O_RDONLY;
        return new FuseAbi.OpenOut { Handle = _files.Add(inode, opened, writable), OpenFlags = answer };
    }

    private void Release(FuseRequest request)
    {
        int descriptor = _files.Remove(request.In<FuseAbi.HandleIn>().Handle);
        if (descriptor >= 0)
            _ = LibC.close(descriptor);
        request.Reply();
    }

    private void Read(FuseRequest request)
    {
        FuseAbi.ReadIn wanted = request.In<FuseAbi.ReadIn>();
        if (FileOf(request, wanted.Handle) is not { } file)
            return;
        nint bytes = LibC.pread(file.Descriptor, request.Data, Math.Min(wanted.Size, (uint)FuseRequest.DataRoom), (long)wanted.Offset);
        if (bytes < 0)
            request.Fail(Errno.Last);
        else
            request.ReplyData((int)bytes);
    }

    private void Write(FuseRequest request)
    {
        FuseAbi.WriteIn wanted = request.In<FuseAbi.WriteIn>();
        if (FileOf(request, wanted.Handle) is not { Inode: { } inode } file)
            return;
        if (wanted.Size > request.ArgumentBytes - sizeof(FuseAbi.WriteIn))
        {
            request.Fail(Errno.EINVAL);
            return;
        }
        ulong sequence = 0;
        PrepareContent(inode, new ByteRange((long)wanted.Offset, (long)wanted.Offset + wanted.Size));
        lock (inode.Content)
        {
            nint written = LibC.pwrite(file.Descriptor, request.Data, wanted.Size, (long)wanted.Offset);
            if (written < 0)
            {
                request.Fail(Errno.Last);
                return;
            }
            bool dropped = (wanted.WriteFlags & FuseAbi.WriteKillSuidgid) != 0 && DropPrivileges(inode, file.Descriptor);
            if (IsRecordable(inode, file.Descriptor, out Statx status))
            {
                sequence = RecordWrite(inode, (long)wanted.Offset, new ReadOnlySpan<byte>(request.Data, (int)written), status);
                if (dropped)
                    sequence = RecordAttributes(inode, status, AttributeMask.Mode);
            }
            if (sequence == 0)
                sequence = ContentNotRecorded(inode, new ByteRange((long)wanted.Offset, (long)wanted.Offset + written));
            request.Out<FuseAbi.SizeOut>()->Size = (uint)written;
            request.Reply(sizeof(FuseAbi.SizeOut));
        }
        Conclude(request, sequence);
    }

    private ulong RecordWrite(Inode inode, long offset, ReadOnlySpan<byte> data, in Statx status)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Write, Index, inode.Number);
        header.MtimeNs = status.MtimeNs;
        header.Offset = offset;
        header.Length = data.Length;
        return AppendContentChange(inode, ref header, data);
    }

    private void Allocate(FuseRequest request)
    {
        FuseAbi.FallocateIn wanted = request.In<FuseAbi.FallocateIn>();
        if (FileOf(request, wanted.Handle) is not { Inode: { } inode } file)
            return;
        ulong sequence = 0;
        PrepareContent(inode, new ByteRange((long)wanted.Offset, ByteRange.ToTheEnd));
        lock (inode.Content)
        {
            int unread = Lower.Status(file.Descriptor, out Statx before);
            if (LibC.fallocate(file.Descriptor, (int)wanted.Mode, (long)wanted.Offset, (long)wanted.Length) != 0)
            {
                request.Fail(Errno.Last);
                RecordPartOfAllocation(inode, file.Descriptor, unread == 0 ? before.Size : ulong.MaxValue);
                return;
            }
            if (IsRecorded(inode))
            {
                OperationHeader header = OperationHeader.Of(OperationKind.Allocate, Index, inode.Number);
                header.MtimeNs = Lower.MtimeNs(file.Descriptor);
                header.Argument = wanted.Mode;
                header.Offset = (long)wanted.Offset;
                header.Length = (long)wanted.Length;
                sequence = AppendContentChange(inode, ref header, []);
            }
            if (sequence == 0)
                sequence = ContentNotRecorded(inode, new ByteRange((long)wanted.Offset, ByteRange.ToTheEnd));
            request.Reply();
        }
        Conclude(request, sequence);
    }

    /// <summary>A disk that is full in the midst of fallocate(2) may leave the file longer than it was.</summary>
    private void RecordPartOfAllocation(Inode inode, int descriptor, ulong sizeBefore)
    {
        if (!IsRecordable(inode, descriptor, out Statx status) || status.Size == sizeBefore)
            return;
        if (RecordAttributes(inode, status, AttributeMask.Size | AttributeMask.Mtime) == 0)
            ContentNotRecorded(inode, new ByteRange((long)Math.Min(sizeBefore, status.Size), ByteRange.ToTheEnd));
    }

    private void Seek(FuseRequest request)
    {
        if (_writeBack)
        {
            // Data that the kernel has not written back yet lie in holes of the file underneath: only the kernel's own answer (no holes)
            // loses nothing.
            request.Fail(Errno.ENOSYS);
            return;
        }
        FuseAbi.LseekIn wanted = request.In<FuseAbi.LseekIn>();
        if (FileOf(request, wanted.Handle) is not { } file)
            return;
        long offset = LibC.lseek(file.Descriptor, (long)wanted.Offset, (int)wanted.Whence);
        if (offset < 0)
        {
            request.Fail(Errno.Last);
            return;
        }
        request.Out<FuseAbi.LseekOut>()->Offset = (ulong)offset;
        request.Reply(sizeof(FuseAbi.LseekOut));
    }
}
