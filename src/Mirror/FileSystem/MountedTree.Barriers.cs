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
        PrepareContent(inode);
        ulong sequence = 0;
        lock (inode.Content)
        {
            if (IsRecorded(inode))
            {
                OperationHeader header = OperationHeader.Of(OperationKind.Sync, Index, inode.Number);
                header.Flags = dataOnly ? OperationFlags.DataOnly : OperationFlags.None;
                sequence = _recorder.Append(ref header, inode.Handle, [], [], []);
                if (sequence != 0)
                    inode.AwaitedSequence = inode.ChangedSequence;
            }
        }
        Await(request, sequence, file.Descriptor, dataOnly ? LocalSync.Data : LocalSync.File);
    }

    private void SyncFileSystem(FuseRequest request)
    {
        ulong sequence = 0;
        if (_recorder.Introduction != Introduction.None)
        {
            OperationHeader header = OperationHeader.Of(OperationKind.SyncTree, Index, FileId.Root);
            sequence = _recorder.Append(ref header, _rootInode.Handle, [], [], []);
        }
        Await(request, sequence, _root.HandleMount, LocalSync.FileSystem);
    }

    private void Await(FuseRequest request, ulong sequence, int descriptor, LocalSync sync)
    {
        request.Reply();
        PendingReply reply = _pending.Take(request, sequence == 0 ? 1 : 2);
        reply.SetLocalPart(descriptor, sync);
        _sync.Enqueue(reply);
        if (sequence != 0)
            _recorder.WhenAcknowledged(sequence, Acknowledgement.Barrier, reply);
    }

    /// <summary>close(2): waits for the other node where the file was changed since somebody waited for it.</summary>
    private void Flush(FuseRequest request)
    {
        if (_settings.Wait == WaitPolicy.Sync)
        {
            // The kernel never asks again, and every close is a round trip shorter.
            request.Fail(Errno.ENOSYS);
            return;
        }
        if (FileOf(request, request.In<FuseAbi.HandleIn>().Handle) is not { Inode: { } inode })
            return;
        ulong sequence = 0;
        lock (inode.Content)
        {
            if (inode.ChangedEpoch == _recorder.Epoch && inode.ChangedSequence > inode.AwaitedSequence)
                sequence = inode.AwaitedSequence = inode.ChangedSequence;
        }
        request.Reply();
        Conclude(request, sequence, atClose: true);
    }

    public void SyncAll()
    {
        if (Native.LibC.syncfs(_root.HandleMount) != 0)
            throw new Core.SafeKitException($"{_root.Path} could not be brought to the disk: {Errno.Describe("syncfs", Errno.Last)}; look for disk errors (dmesg)");
    }
}
