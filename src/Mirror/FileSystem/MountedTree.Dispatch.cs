using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;

namespace SafeKit.Mirror.FileSystem;

/// <content>Which request is answered where.</content>
public sealed partial class MountedTree
{
    bool IFuseHandler.Handle(FuseRequest request, FuseWorker worker)
    {
        if (!IsChange(request))
        {
            Query(request, worker);
            return true;
        }
        if (_settings.ReadOnly)
        {
            request.Fail(Errno.EROFS);
            return true;
        }
        if (!_recorder.TryEnter(request))
            return false;
        try
        {
            Change(request, worker);
            if (request.Opcode is not (FuseOpcode.Fsync or FuseOpcode.FsyncDir or FuseOpcode.SyncFs or FuseOpcode.Flush))
                _trouble.Note(request.Opcode, request.PreparedError);
        }
        finally
        {
            _recorder.Exit();
        }
        return true;
    }

    /// <summary>Whether the change was made underneath and not recorded, or not made, is not known: only a survey finds out.</summary>
    void IFuseHandler.Failed(FuseRequest request, Exception exception)
    {
        if (!_settings.ReadOnly && IsChange(request))
        {
            DistrustListings(request);
            _recorder.GiveUpEpoch($"{request.Opcode} failed unexpectedly: {exception.Message}");
        }
        if (request.Opcode is not (FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.Interrupt))
            request.Fail(Errno.EIO);
    }

    /// <summary>Whether the request goes through the change gate.</summary>
    private bool IsChange(FuseRequest request) => request.Opcode switch
    {
        FuseOpcode.Write or FuseOpcode.SetAttr or FuseOpcode.Create or FuseOpcode.MkNod or FuseOpcode.MkDir or FuseOpcode.SymLink or FuseOpcode.Link
            or FuseOpcode.Unlink or FuseOpcode.RmDir or FuseOpcode.Rename or FuseOpcode.Rename2 or FuseOpcode.SetXattr or FuseOpcode.RemoveXattr
            or FuseOpcode.Fallocate or FuseOpcode.TmpFile => true,
        FuseOpcode.Fsync or FuseOpcode.FsyncDir or FuseOpcode.SyncFs => !_settings.ReadOnly,
        FuseOpcode.Flush => _settings.Wait == WaitPolicy.Close && FlushWaits(request),
        _ => false,
    };

    private void Change(FuseRequest request, FuseWorker worker)
    {
        switch (request.Opcode)
        {
            case FuseOpcode.Write: Write(request); break;
            case FuseOpcode.SetAttr: SetAttributes(request); break;
            case FuseOpcode.Create: Create(request, worker); break;
            case FuseOpcode.MkNod: MakeNode(request, worker); break;
            case FuseOpcode.MkDir: MakeDirectory(request, worker); break;
            case FuseOpcode.SymLink: MakeSymbolicLink(request, worker); break;
            case FuseOpcode.Link: Link(request); break;
            case FuseOpcode.Unlink: RemoveName(request, directory: false); break;
            case FuseOpcode.RmDir: RemoveName(request, directory: true); break;
            case FuseOpcode.Rename or FuseOpcode.Rename2: Rename(request); break;
            case FuseOpcode.SetXattr: SetXattr(request); break;
            case FuseOpcode.RemoveXattr: RemoveXattr(request); break;
            case FuseOpcode.Fallocate: Allocate(request); break;
            case FuseOpcode.TmpFile: CreateNameless(request, worker); break;
            case FuseOpcode.Fsync or FuseOpcode.FsyncDir: Fsync(request); break;
            case FuseOpcode.SyncFs: SyncFileSystem(request); break;
            default: Flush(request); break;
        }
    }

    private void Query(FuseRequest request, FuseWorker worker)
    {
        switch (request.Opcode)
        {
            case FuseOpcode.Lookup: LookUp(request); break;
            case FuseOpcode.Forget: Forget(request); break;
            case FuseOpcode.BatchForget: ForgetMany(request); break;
            case FuseOpcode.GetAttr: GetAttributes(request); break;
            case FuseOpcode.Statx: GetExtendedStatus(request); break;
            case FuseOpcode.ReadLink: ReadLink(request); break;
            case FuseOpcode.Open: Open(request); break;
            case FuseOpcode.Read: Read(request); break;
            case FuseOpcode.StatFs: GetFileSystemStatus(request); break;
            case FuseOpcode.Release or FuseOpcode.ReleaseDir: Release(request); break;
            case FuseOpcode.OpenDir: OpenDirectory(request); break;
            case FuseOpcode.ReadDir: ReadDirectory(request, worker); break;
            case FuseOpcode.ReadDirPlus: ReadDirectoryPlus(request, worker); break;
            case FuseOpcode.GetXattr: GetXattr(request); break;
            case FuseOpcode.ListXattr: ListXattr(request); break;
            case FuseOpcode.Lseek: Seek(request); break;
            case FuseOpcode.Flush: FlushNothing(request); break;
            case FuseOpcode.Fsync or FuseOpcode.FsyncDir or FuseOpcode.Destroy: request.Reply(); break;
            case FuseOpcode.Ioctl: request.Fail(Errno.ENOTTY); break;
            // There is no reply to an interrupt: what has begun is finished.
            case FuseOpcode.Interrupt or FuseOpcode.NotifyReply: break;
            default: request.Fail(Errno.ENOSYS); break;
        }
    }

    /// <summary>The inode that the request is about. Null, with the reply prepared, where there is none.</summary>
    private Inode? Subject(FuseRequest request)
    {
        Inode? inode = _inodes.Find(request.Node);
        if (inode is null)
            request.Fail(Errno.ESTALE);
        return inode;
    }

    /// <summary>The open file that the request is about. Null, with the reply prepared, where there is none.</summary>
    private OpenFile? FileOf(FuseRequest request, ulong handle)
    {
        OpenFile? file = _files.Find(handle);
        if (file is null)
            request.Fail(Errno.EBADF);
        return file;
    }
}
