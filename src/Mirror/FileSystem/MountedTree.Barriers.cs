using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>Calls that promise durability: the local disk and the other node at the same time.</content>
public sealed partial class MountedTree
{
    private void Fsync(FuseRequest request)
    {
        FuseAbi.FsyncIn wanted = request.In<FuseAbi.FsyncIn>();
        if (FileOf(request, wanted.Handle) is not { Inode: { } inode } file)
            return;
        bool dataOnly = (wanted.Flags & FuseAbi.FsyncDataOnly) != 0;
        PrepareRecord(inode);
        ulong sequence = 0;
        Acknowledgement level = Acknowledgement.Barrier;
        lock (inode.Content)
        {
            if (IsRecorded(inode))
            {
                OperationHeader header = OperationHeader.Of(OperationKind.Sync, Index, inode.Number);
                header.Flags = dataOnly ? OperationFlags.DataOnly : OperationFlags.None;
                sequence = _recorder.Append(ref header, inode.Handle, [], [], []);
            }
            if (sequence == 0 && IsReplicated(inode))
            {
                // There is no barrier in the stream whose disk could be heard of.
                sequence = NotRecorded;
                level = Acknowledgement.Received;
            }
        }
        Await(request, sequence, level, file.Descriptor, dataOnly ? LocalSync.Data : LocalSync.File);
    }

    private void SyncFileSystem(FuseRequest request)
    {
        ulong sequence = 0;
        if (_recorder.Introduction != Introduction.None)
        {
            OperationHeader header = OperationHeader.Of(OperationKind.SyncTree, Index, FileId.Root);
            sequence = _recorder.Append(ref header, _rootInode.Handle, [], [], []);
        }
        Await(request, sequence, Acknowledgement.Barrier, _root.HandleMount, LocalSync.FileSystem);
    }

    private void Await(FuseRequest request, ulong sequence, Acknowledgement level, int descriptor, LocalSync sync)
    {
        request.Reply();
        PendingReply reply = _pending.Take(request, sequence == 0 ? 1 : 2);
        reply.SetLocalPart(descriptor, sync);
        _sync.Enqueue(reply);
        if (sequence != 0)
            _recorder.WhenAcknowledged(sequence, level, reply);
    }

    /// <summary>Whether close(2) of this file may have to wait: it was changed. What was received already is answered at once.</summary>
    private bool FlushWaits(FuseRequest request)
    {
        if (_settings.ReadOnly || _files.Find(request.In<FuseAbi.HandleIn>().Handle) is not { Inode: { } inode })
            return false;
        lock (inode.Content)
            return inode.ChangedSequence != 0;
    }

    private void Flush(FuseRequest request)
    {
        ulong sequence = 0;
        if (_files.Find(request.In<FuseAbi.HandleIn>().Handle) is { Inode: { } inode })
        {
            lock (inode.Content)
            {
                // A change of an earlier epoch has no number now: it waits for a decision that is under way, and for nothing else.
                if (inode.ChangedSequence != 0 && _recorder.Introduction != Introduction.None)
                    sequence = inode.ChangedEpoch == _recorder.Epoch ? inode.ChangedSequence : NotRecorded;
            }
        }
        request.Reply();
        Conclude(request, sequence, atClose: true);
    }

    /// <summary>
    /// A close that waits for nobody. Where no close ever does, the kernel is told so, never asks again, and every close is a round trip shorter.
    /// </summary>
    private void FlushNothing(FuseRequest request)
    {
        if (_settings.ReadOnly || _settings.Wait != WaitPolicy.Close)
            request.Fail(Errno.ENOSYS);
        else
            request.Reply();
    }
}
