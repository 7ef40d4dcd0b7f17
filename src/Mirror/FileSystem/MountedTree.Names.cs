using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>Names that come and go.</content>
public sealed unsafe partial class MountedTree
{
    private void RemoveName(FuseRequest request, bool directory)
    {
        byte* name = request.Name(0);
        if (Subject(request) is not { } parent)
            return;
        using Pinned at = _descriptors.Pin(parent);
        if (at.Failed || name is null)
        {
            request.Fail(at.Failed ? at.Errno : Errno.EINVAL);
            return;
        }
        ulong sequence;
        using (ChangeNames())
            request.Answer(RemoveName(parent, at.Descriptor, name, directory, out sequence));
        Conclude(request, sequence);
    }

    private int RemoveName(Inode parent, int at, byte* name, bool directory, out ulong sequence)
    {
        sequence = 0;
        ReadOnlySpan<byte> span = FuseRequest.Span(name);
        int errno = Resolve(at, name, out Victim victim);
        if (errno != 0)
            return errno == Errno.EXDEV ? Errno.EBUSY : errno;
        bool recorded = IsNameRecorded(parent, at, span, directory) || IsMovedAhead(parent, victim);
        if (recorded && !victim.LosesLastName)
            IntroduceVictim(victim, parent, span);
        LogRemoval(parent, victim, span);
        victim.Lock();
        try
        {
            errno = LibC.unlinkat(at, name, directory ? LibC.AT_REMOVEDIR : 0) == 0 ? 0 : Errno.Last;
            if (errno == 0)
            {
                MarkGone(victim);
                if (!victim.LosesLastName)
                    _recorder.MarkLinked(Index, victim.Status.Inode, victim.Handle);
                if (recorded)
                    sequence = RecordRemoval(victim, parent, at, span);
                if (sequence == 0)
                    sequence = NameNotRecorded(at, span, directory);
            }
        }
        finally
        {
            victim.Unlock();
        }
        Bury(victim, errno == 0, parent, span);
        return errno;
    }

    /// <summary>During a survey: it was moved to where the survey has not been, and the other node has it there.</summary>
    private bool IsMovedAhead(Inode parent, in Victim victim) =>
        _recorder.Introduction == Introduction.BySurvey
        && victim.LosesLastName
        && _recorder.IsIntroduced(Index, victim.Status.Inode)
        && !_recorder.HasDeparted(Index, victim.Status.Inode)
        && _recorder.IsIntroduced(Index, parent.Number);

    /// <summary>What a name means that is about to go.</summary>
    private int Resolve(int directory, byte* name, out Victim victim)
    {
        victim = default;
        int errno = Resolve(directory, name, out int descriptor, out Statx status);
        if (errno != 0)
            return errno;
        _ = Handles.Of(descriptor, out FileHandle handle);
        victim = new Victim(_inodes.Find(status.Inode), descriptor, status, handle);
        return 0;
    }

    /// <summary>Nothing of a file without a name is recorded any more; under the locks.</summary>
    private static void MarkGone(in Victim victim)
    {
        if (victim is { Inode: { } inode, LosesLastName: true })
            inode.Nameless = true;
    }

    /// <summary>Forgets the name, and takes care of the victim's descriptor.</summary>
    private void Bury(in Victim victim, bool gone, Inode parent, ReadOnlySpan<byte> name)
    {
        if (gone && victim.Inode is { } inode)
        {
            _names.Remove(inode, parent.Number, name);
            if (victim.LosesLastName)
            {
                _descriptors.Keep(inode, victim.Descriptor);
                return;
            }
        }
        if (gone && victim.LosesLastName)
            _closer.Close(victim.Descriptor);
        else
            _ = LibC.close(victim.Descriptor);
    }

    /// <summary>Its other names are not known to the other node: it must learn of the inode while this one is right.</summary>
    private void IntroduceVictim(in Victim victim, Inode parent, ReadOnlySpan<byte> name)
    {
        if (_recorder.Introduction != Introduction.WhenFirstNamed || victim.Inode is { } known && IsIntroduced(known))
            return;
        OperationHeader header = OperationHeader.Of(OperationKind.Introduce, Index, victim.Status.Inode);
        header.Parent = parent.Number;
        _recorder.Append(ref header, victim.Handle, name, [], []);
        if (victim.Inode is { } inode)
            inode.IntroducedEpoch = _recorder.Epoch;
    }

    private ulong RecordRemoval(in Victim victim, Inode parent, int at, ReadOnlySpan<byte> name)
    {
        OperationKind kind = victim.Status.IsDirectory ? OperationKind.RemoveDirectory : OperationKind.Unlink;
        OperationHeader header = OperationHeader.Of(kind, Index, victim.Status.Inode);
        header.Parent = parent.Number;
        header.ParentMtimeNs = Lower.MtimeNs(at);
        header.Mode = victim.Status.Mode;
        header.Flags = victim.LosesLastName ? OperationFlags.LastName : OperationFlags.None;
        return _recorder.Append(ref header, victim.Handle, name, [], []);
    }

    private void Link(FuseRequest request)
    {
        byte* name = request.Name(sizeof(ulong));
        Inode? inode = _inodes.Find(request.In<ulong>());
        if (Subject(request) is not { } parent)
            return;
        if (inode is null || name is null)
        {
            request.Fail(Errno.ESTALE);
            return;
        }
        using Pinned at = _descriptors.Pin(parent);
        using Pinned source = _descriptors.Pin(inode);
        if (at.Failed || source.Failed)
        {
            request.Fail(at.Failed ? at.Errno : source.Errno);
            return;
        }
        ulong sequence = 0;
        using (ChangeNames())
        {
            int errno = Link(inode, source.Descriptor, parent, at.Descriptor, name, out Statx status, out sequence);
            if (errno != 0)
                request.Fail(errno);
            else
                ReplyEntry(request, inode, status);
        }
        Conclude(request, sequence, atClose: true);
    }

    private int Link(Inode inode, int source, Inode parent, int at, byte* name, out Statx status, out ulong sequence)
    {
        byte empty = 0;
        sequence = 0;
        status = default;
        ReadOnlySpan<byte> span = FuseRequest.Span(name);
        if (!inode.Nameless && IsExcluded(inode) != IsExcluded(at, span, isDirectory: false))
            return Errno.EXDEV;
        bool recorded = IsNameRecorded(parent, at, span, isDirectory: false);
        bool appears = inode.Nameless || (_recorder.Introduction == Introduction.BySurvey && !IsKnownToPeer(inode));
        if (recorded && !appears && _recorder.Introduction == Introduction.WhenFirstNamed)
            recorded = Introduce(inode);
        LogLink(inode);
        LogArrival(parent, at, span, isDirectory: false);
        lock (inode.Content)
        {
            if (LibC.linkat(source, &empty, at, name, LibC.AT_EMPTY_PATH) != 0)
                return Errno.Last;
            _inodes.Take(inode.Number, inode.Handle, inode.Type);
            _names.Add(inode, parent.Number, span);
            if (inode.Nameless)
                MarkCreated(inode, at, span);
            else
                _recorder.MarkLinked(Index, inode.Number, inode.Handle);
            inode.Nameless = false;
            inode.ExclusionVersion = -1;
            _descriptors.KeepNoMore(inode);
            int errno = Lower.Status(source, out status);
            if (errno != 0)
            {
                parent.DistrustListing();
                _recorder.GiveUpEpoch(UnrecordedChange);
                return errno;
            }
            if (recorded)
            {
                sequence = appears
                    ? RecordAppearance(inode, source, parent, at, span, status)
                    : RecordLink(inode, parent, at, span, status);
            }
            if (sequence == 0)
                sequence = NameNotRecorded(at, span, isDirectory: false);
            return 0;
        }
    }

    private ulong RecordLink(Inode inode, Inode parent, int at, ReadOnlySpan<byte> name, in Statx status)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Link, Index, inode.Number);
        header.MtimeNs = status.MtimeNs;
        header.Parent = parent.Number;
        header.ParentMtimeNs = Lower.MtimeNs(at);
        header.Mode = status.Mode;
        return _recorder.Append(ref header, inode.Handle, name, [], []);
    }
}
