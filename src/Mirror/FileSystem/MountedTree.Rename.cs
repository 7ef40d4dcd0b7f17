using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>rename(2).</content>
public sealed unsafe partial class MountedTree
{
    /// <summary>One name in a directory that is open.</summary>
    private readonly ref struct Place(Inode parent, int at, byte* name)
    {
        public Inode Parent { get; } = parent;

        public int At { get; } = at;

        public byte* Name { get; } = name;

        public ReadOnlySpan<byte> Span => FuseRequest.Span(Name);
    }

    private void Rename(FuseRequest request)
    {
        bool second = request.Opcode == FuseOpcode.Rename2;
        FuseAbi.Rename2In wanted = request.In<FuseAbi.Rename2In>();
        byte* name = request.Name(second ? sizeof(FuseAbi.Rename2In) : sizeof(ulong));
        byte* otherName = name is null ? null : request.NameAfter(name);
        uint flags = second ? wanted.Flags : 0;
        if (Subject(request) is not { } parent)
            return;
        if (_inodes.Find(wanted.NewParent) is not { } otherParent || otherName is null)
        {
            request.Fail(Errno.ESTALE);
            return;
        }
        if ((flags & ~(LibC.RENAME_NOREPLACE | LibC.RENAME_EXCHANGE)) != 0)
        {
            request.Fail(Errno.EINVAL);
            return;
        }
        using Pinned at = _descriptors.Pin(parent);
        using Pinned otherAt = _descriptors.Pin(otherParent);
        if (at.Failed || otherAt.Failed)
        {
            request.Fail(at.Failed ? at.Errno : otherAt.Errno);
            return;
        }
        ulong sequence;
        using (ChangeNames())
        {
            var from = new Place(parent, at.Descriptor, name);
            var to = new Place(otherParent, otherAt.Descriptor, otherName);
            request.Answer(Rename(from, to, flags, out sequence));
        }
        Conclude(request, sequence, atClose: true);
    }

    private int Rename(Place from, Place to, uint flags, out ulong sequence)
    {
        sequence = 0;
        int errno = Resolve(from.At, from.Name, out Victim moved);
        if (errno != 0)
            return errno == Errno.EXDEV ? Errno.EBUSY : errno;
        errno = Resolve(to.At, to.Name, out Victim target);
        if (errno is not (0 or Errno.ENOENT))
        {
            _ = LibC.close(moved.Descriptor);
            return errno == Errno.EXDEV ? Errno.EBUSY : errno;
        }
        bool replaces = errno == 0;
        bool exchange = (flags & LibC.RENAME_EXCHANGE) != 0;
        errno = Rename(from, to, moved, target, replaces, flags, out sequence);
        if (errno == 0)
            Settle(from, to, moved, target, replaces, exchange);
        if (errno == 0 && sequence == 0)
            sequence = NameNotRecorded(to.At, to.Span, moved.Status.IsDirectory);
        _ = LibC.close(moved.Descriptor);
        if (replaces)
            Bury(target, errno == 0 && !exchange, to.Parent, to.Span);
        return errno;
    }

    private int Rename(Place from, Place to, in Victim moved, in Victim target, bool replaces, uint flags, out ulong sequence)
    {
        sequence = 0;
        bool exchange = (flags & LibC.RENAME_EXCHANGE) != 0;
        // Two names of one inode: POSIX says that nothing happens, and the kernel does as it says.
        if (replaces && moved.Status.Inode == target.Status.Inode && !exchange)
            return (flags & LibC.RENAME_NOREPLACE) != 0 ? Errno.EEXIST : 0;
        if (CrossesExclusion(from, to, moved.Status.IsDirectory) || (exchange && CrossesExclusion(to, from, target.Status.IsDirectory)))
            return Errno.EXDEV;
        bool fromRecorded = IsNameRecorded(from.Parent, from.At, from.Span, moved.Status.IsDirectory);
        bool toRecorded = IsNameRecorded(to.Parent, to.At, to.Span, moved.Status.IsDirectory);
        if (fromRecorded)
            IntroduceVictim(moved, from.Parent, from.Span);
        if (toRecorded && replaces && (exchange || !target.LosesLastName))
            IntroduceVictim(target, to.Parent, to.Span);
        LogRename(from, to, moved, target, replaces, exchange);
        bool targetGoes = replaces && !exchange;
        if (targetGoes)
            target.Lock();
        try
        {
            if (LibC.renameat2(from.At, from.Name, to.At, to.Name, flags) != 0)
                return Errno.Last;
            if (targetGoes)
                MarkGone(target);
            sequence = RecordRename(from, to, moved, target, replaces, flags, fromRecorded, toRecorded);
            return 0;
        }
        finally
        {
            if (targetGoes)
                target.Unlock();
        }
    }

    /// <summary>The names that inodes are known by follow.</summary>
    private void Settle(Place from, Place to, in Victim moved, in Victim target, bool replaces, bool exchange)
    {
        if (replaces && moved.Status.Inode == target.Status.Inode)
            return;
        if (_recorder.MarkSerial != 0 && !IsExcluded(to.At, to.Span, moved.Status.IsDirectory))
            MarkRename(moved, target, replaces, exchange);
        if (moved.Inode is { } inode)
        {
            _names.Remove(inode, from.Parent.Number, from.Span);
            _names.Add(inode, to.Parent.Number, to.Span);
            inode.ExclusionVersion = -1;
        }
        if (exchange && target.Inode is { } other)
        {
            _names.Remove(other, to.Parent.Number, to.Span);
            _names.Add(other, from.Parent.Number, from.Span);
            other.ExclusionVersion = -1;
        }
        if (moved.Status.IsDirectory || (exchange && target.Status.IsDirectory))
            _directoryMoves++;
    }

    private ulong RecordRename(
        Place from, Place to, in Victim moved, in Victim target, bool replaces, uint flags, bool fromRecorded, bool toRecorded)
    {
        if (fromRecorded && toRecorded)
            return RecordWholeRename(from, to, moved, target, replaces, flags);
        return _recorder.Introduction == Introduction.BySurvey
            ? RecordBesideSurvey(from, to, moved, target, replaces, flags, fromRecorded, toRecorded)
            : 0;
    }

    /// <summary>
    /// One of the directories is not listed yet. What the other node knows by one name only, it has where it is here: it moves there too,
    /// as long as the other node knows the directory; the listing that follows finds it. What cannot be told is left to a new survey.
    /// </summary>
    private ulong RecordBesideSurvey(
        Place from, Place to, in Victim moved, in Victim target, bool replaces, uint flags, bool fromRecorded, bool toRecorded)
    {
        bool isKnown = _recorder.IsIntroduced(Index, moved.Status.Inode);
        bool targetIsKnown = replaces && _recorder.IsIntroduced(Index, target.Status.Inode);
        if ((flags & LibC.RENAME_EXCHANGE) != 0)
        {
            if (isKnown || targetIsKnown)
                _recorder.GiveUpEpoch("two names were exchanged where the survey had not been");
            return 0;
        }

        // Out of a directory that is not listed, what has lost a name may have none on the other node: the listing of where it goes brings it.
        bool isThere = fromRecorded || !_recorder.HasDeparted(Index, moved.Status.Inode);
        bool mayMove = isThere && _recorder.IsIntroduced(Index, from.Parent.Number) && _recorder.IsIntroduced(Index, to.Parent.Number);
        if (isKnown && moved.LosesLastName && mayMove)
            return RecordWholeRename(from, to, moved, target, replaces, flags);
        if (toRecorded || (targetIsKnown && target.LosesLastName))
            _ = replaces ? RecordRemoval(target, to.Parent, to.At, to.Span) : 0;
        if (toRecorded && !(isKnown && moved.LosesLastName))
            return RecordArrival(moved, to);
        if (!isKnown || (!isThere && !toRecorded))
            return 0;
        if (fromRecorded && !moved.Status.IsDirectory)
            return RecordDeparture(moved, from);
        _recorder.GiveUpEpoch("a file moved where the survey had not been");
        return 0;
    }

    private ulong RecordWholeRename(Place from, Place to, in Victim moved, in Victim target, bool replaces, uint flags)
    {
        bool exchange = (flags & LibC.RENAME_EXCHANGE) != 0;
        OperationHeader header = OperationHeader.Of(OperationKind.Rename, Index, moved.Status.Inode);
        header.Argument = flags;
        header.MtimeNs = moved.Status.MtimeNs;
        header.Mode = moved.Status.Mode;
        header.Parent = from.Parent.Number;
        header.ParentMtimeNs = Lower.MtimeNs(from.At);
        header.OtherParent = to.Parent.Number;
        header.OtherParentMtimeNs = Lower.MtimeNs(to.At);
        header.OtherFile = replaces ? target.Status.Inode : FileId.None;
        header.Flags = replaces && !exchange && target.LosesLastName ? OperationFlags.LastName : OperationFlags.None;
        return _recorder.Append(ref header, moved.Handle, from.Span, to.Span, []);
    }

    /// <summary>Out of a directory that the survey has listed, into one that it has not: there it will be found again.</summary>
    private ulong RecordDeparture(in Victim moved, Place from)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Unlink, Index, moved.Status.Inode);
        header.Parent = from.Parent.Number;
        header.ParentMtimeNs = Lower.MtimeNs(from.At);
        header.Mode = moved.Status.Mode;
        header.Flags = moved.LosesLastName ? OperationFlags.LastName : OperationFlags.None;
        return _recorder.Append(ref header, moved.Handle, from.Span, [], []);
    }

    /// <summary>Into a directory that the survey has listed, out of one that it has not.</summary>
    private ulong RecordArrival(in Victim moved, Place to)
    {
        Inode inode = _inodes.Take(moved.Status.Inode, moved.Handle, moved.Status.Type);
        try
        {
            lock (inode.Content)
            {
                return IsKnownToPeer(inode)
                    ? RecordLink(inode, to.Parent, to.At, to.Span, moved.Status)
                    : RecordAppearance(inode, moved.Descriptor, to.Parent, to.At, to.Span, moved.Status);
            }
        }
        finally
        {
            Forget(inode.Number, 1);
        }
    }
}
