using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <content>New inodes.</content>
public sealed unsafe partial class MountedTree
{
    private void MakeNode(FuseRequest request, FuseWorker worker)
    {
        FuseAbi.MkNodIn wanted = request.In<FuseAbi.MkNodIn>();
        byte* name = request.Name(sizeof(FuseAbi.MkNodIn));
        Make(request, worker, name, wanted.Umask, [], directory => LibC.mknodat(directory, name, wanted.Mode, wanted.Device));
    }

    private void MakeDirectory(FuseRequest request, FuseWorker worker)
    {
        FuseAbi.MkDirIn wanted = request.In<FuseAbi.MkDirIn>();
        byte* name = request.Name(sizeof(FuseAbi.MkDirIn));
        Make(request, worker, name, wanted.Umask, [], directory => LibC.mkdirat(directory, name, wanted.Mode));
    }

    private void MakeSymbolicLink(FuseRequest request, FuseWorker worker)
    {
        byte* name = request.Name(0);
        byte* target = name is null ? null : request.NameAfter(name);
        if (target is null)
            request.Fail(Errno.EINVAL);
        else
            Make(request, worker, name, 0, FuseRequest.Span(target), directory => LibC.symlinkat(target, directory, name));
    }

    /// <summary>Makes something that is not opened at once.</summary>
    private void Make(FuseRequest request, FuseWorker worker, byte* name, uint umask, ReadOnlySpan<byte> target, Func<int, int> make)
    {
        if (Subject(request) is not { } parent)
            return;
        using Pinned at = _descriptors.Pin(parent);
        if (at.Failed || name is null)
        {
            request.Fail(at.Failed ? at.Errno : Errno.EINVAL);
            return;
        }
        ulong sequence = 0;
        using (ChangeNames())
        {
            ReadOnlySpan<byte> span = FuseRequest.Span(name);
            bool recorded = IsNameRecorded(parent, at.Descriptor, span, request.Opcode == FuseOpcode.MkDir);
            LogArrival(parent, at.Descriptor, span, request.Opcode == FuseOpcode.MkDir);
            worker.TakeUmask(umask);
            int errno;
            using (new CreatorIdentity(request.User, request.Group))
                errno = make(at.Descriptor) == 0 ? 0 : Errno.Last;
            int descriptor = -1;
            Statx status = default;
            bool made = errno == 0;
            if (!made || (errno = Resolve(at.Descriptor, name, out descriptor, out status)) != 0)
            {
                if (made)
                    parent.DistrustListing();
                if (made && recorded)
                    _recorder.GiveUpEpoch(UnrecordedChange);
                request.Fail(errno);
                return;
            }
            Inode inode = Know(descriptor, status);
            _names.Add(inode, parent.Number, span);
            MarkCreated(inode, at.Descriptor, span);
            if (recorded)
                sequence = RecordCreation(inode, parent, at.Descriptor, span, status, target);
            if (sequence == 0)
                sequence = NameNotRecorded(at.Descriptor, span, inode.IsDirectory);
            ReplyEntry(request, inode, status);
        }
        Conclude(request, sequence);
    }

    private void Create(FuseRequest request, FuseWorker worker)
    {
        if (Subject(request) is not { } parent)
            return;
        FuseAbi.CreateIn wanted = request.In<FuseAbi.CreateIn>();
        byte* name = request.Name(sizeof(FuseAbi.CreateIn));
        using Pinned at = _descriptors.Pin(parent);
        if (at.Failed || name is null)
        {
            request.Fail(at.Failed ? at.Errno : Errno.EINVAL);
            return;
        }
        ulong sequence = 0;
        bool exists = false;
        using (ChangeNames())
        {
            ReadOnlySpan<byte> span = FuseRequest.Span(name);
            bool recorded = IsNameRecorded(parent, at.Descriptor, span, isDirectory: false);
            LogArrival(parent, at.Descriptor, span, isDirectory: false);
            int opened = CreateBelow(request, worker, at.Descriptor, name, wanted);
            if (opened >= 0)
            {
                if (KnowOpened(request, opened, out Statx status) is not { } inode)
                {
                    parent.DistrustListing();
                    if (recorded)
                        _recorder.GiveUpEpoch(UnrecordedChange);
                    return;
                }
                _names.Add(inode, parent.Number, span);
                MarkCreated(inode, at.Descriptor, span);
                if (recorded)
                    sequence = RecordCreation(inode, parent, at.Descriptor, span, status, []);
                if (sequence == 0)
                    sequence = NameNotRecorded(at.Descriptor, span, isDirectory: false);
                ReplyCreated(request, inode, status, opened, wanted.Flags);
            }
            else if (opened == -Errno.EEXIST && (wanted.Flags & LibC.O_EXCL) == 0)
            {
                exists = true;
            }
            else
            {
                request.Fail(-opened);
            }
        }
        if (exists)
            OpenExisting(request, parent, at.Descriptor, name, wanted.Flags);
        Conclude(request, sequence);
    }

    /// <summary>Creates exclusively, so that it is known whether it was this request that created.</summary>
    private int CreateBelow(FuseRequest request, FuseWorker worker, int directory, byte* name, in FuseAbi.CreateIn wanted)
    {
        int flags = LowerFlags(wanted.Flags) | LibC.O_CREAT | LibC.O_EXCL | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        worker.TakeUmask(wanted.Umask);
        using (new CreatorIdentity(request.User, request.Group))
        {
            int opened = LibC.openat(directory, name, flags, wanted.Mode);
            return opened < 0 ? -Errno.Last : opened;
        }
    }

    /// <summary>Somebody else created it between the kernel's lookup and now.</summary>
    private void OpenExisting(FuseRequest request, Inode parent, int directory, byte* name, uint flags)
    {
        int errno = LookUp(parent, directory, name, out Inode? inode, out Statx status);
        if (inode is null)
        {
            request.Fail(errno);
            return;
        }
        int opened = OpenBelow(inode, flags);
        if (opened >= 0)
        {
            ReplyCreated(request, inode, status, opened, flags);
            return;
        }
        Forget(inode.Number, 1);
        request.Fail(-opened);
    }

    /// <summary>O_TMPFILE: a file without a name, of which nothing is recorded until it is linked.</summary>
    private void CreateNameless(FuseRequest request, FuseWorker worker)
    {
        if (Subject(request) is not { } parent)
            return;
        FuseAbi.CreateIn wanted = request.In<FuseAbi.CreateIn>();
        using Pinned at = _descriptors.Pin(parent);
        if (at.Failed)
        {
            request.Fail(at.Errno);
            return;
        }
        byte* self = stackalloc byte[] { (byte)'.', 0 };
        int flags = LowerFlags(wanted.Flags) | LibC.O_TMPFILE | LibC.O_CLOEXEC | ((int)wanted.Flags & LibC.O_EXCL);
        int opened;
        worker.TakeUmask(wanted.Umask);
        using (new CreatorIdentity(request.User, request.Group))
        {
            opened = LibC.openat(at.Descriptor, self, flags, wanted.Mode);
            if (opened < 0)
                opened = -Errno.Last;
        }

        if (opened < 0)
        {
            request.Fail(-opened);
            return;
        }
        if (KnowOpened(request, opened, out Statx status) is not { } inode)
            return;
        inode.Nameless = true;
        _descriptors.Keep(inode, Lower.Reopen(opened, LibC.O_PATH));
        ReplyCreated(request, inode, status, opened, wanted.Flags);
    }

    /// <summary>
    /// The inode of a file that was just created and opened, with one more reference. Null, with the reply prepared, where it cannot be read.
    /// </summary>
    private Inode? KnowOpened(FuseRequest request, int opened, out Statx status)
    {
        int errno = Lower.Status(opened, out status);
        if (errno != 0)
        {
            _ = LibC.close(opened);
            request.Fail(errno);
            return null;
        }
        _ = Handles.Of(opened, out Operations.FileHandle handle);
        Inode inode = _inodes.Take(status.Inode, handle, status.Type);
        if (!_root.HasHandles)
            _descriptors.Offer(inode, Lower.Reopen(opened, LibC.O_PATH));
        return inode;
    }

    private void ReplyCreated(FuseRequest request, Inode inode, in Statx status, int opened, uint flags)
    {
        *request.Out<FuseAbi.CreateOut>() = new FuseAbi.CreateOut { Entry = EntryOf(inode, status), Open = OpenedAs(inode, opened, flags) };
        request.Reply(sizeof(FuseAbi.CreateOut));
    }
}
