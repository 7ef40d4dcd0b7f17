using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <content>Extended attributes, access lists and file system status.</content>
public sealed unsafe partial class MountedTree
{
    private void GetXattr(FuseRequest request) => ReadXattrs(request, request.Name(sizeof(FuseAbi.GetXattrIn)), list: false);

    private void ListXattr(FuseRequest request) => ReadXattrs(request, null, list: true);

    private void ReadXattrs(FuseRequest request, byte* name, bool list)
    {
        if (Subject(request) is not { } inode)
            return;
        uint size = request.In<FuseAbi.GetXattrIn>().Size;
        using Pinned at = _descriptors.Pin(inode);
        if (at.Failed || (name is null && !list))
        {
            request.Fail(at.Failed ? at.Errno : Errno.EINVAL);
            return;
        }
        byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(at.Descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
        nuint room = Math.Min(size, LibC.XATTR_SIZE_MAX);
        nint bytes = list ? LibC.listxattr(self, request.Data, room) : LibC.getxattr(self, name, request.Data, room);
        if (bytes < 0)
        {
            request.Fail(Errno.Last);
        }
        else if (size == 0)
        {
            request.Out<FuseAbi.SizeOut>()->Size = (uint)bytes;
            request.Reply(sizeof(FuseAbi.SizeOut));
        }
        else
        {
            request.ReplyData((int)bytes);
        }
    }

    private void SetXattr(FuseRequest request)
    {
        FuseAbi.SetXattrIn wanted = request.In<FuseAbi.SetXattrIn>();
        byte* name = request.Name(sizeof(FuseAbi.SetXattrIn));
        if (Subject(request) is not { } inode)
            return;
        byte* value = name is null ? null : name + FuseRequest.Span(name).Length + 1;
        using Pinned at = _descriptors.Pin(inode);
        if (at.Failed || value is null || value + wanted.Size > request.End)
        {
            request.Fail(at.Failed ? at.Errno : Errno.EINVAL);
            return;
        }
        ulong sequence = 0;
        PrepareContent(inode);
        lock (inode.Content)
        {
            byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
            NativeText.DescriptorPath(at.Descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
            if (LibC.setxattr(self, name, value, wanted.Size, (int)wanted.Flags) != 0)
            {
                request.Fail(Errno.Last);
                return;
            }
            bool dropped = (wanted.SetXattrFlags & FuseAbi.SetXattrAclKillSgid) != 0 && DropSetGroupId(at.Descriptor);
            if (IsRecordable(inode, at.Descriptor, out Statx status))
            {
                var content = new ReadOnlySpan<byte>(value, (int)wanted.Size);
                sequence = RecordXattr(inode, OperationKind.SetXattr, wanted.Flags, FuseRequest.Span(name), content, status);
                if (dropped)
                    sequence = RecordAttributes(inode, status, AttributeMask.Mode);
            }
            if (sequence == 0)
                sequence = ContentNotRecorded(inode);
            request.Reply();
        }
        Conclude(request, sequence);
    }

    private void RemoveXattr(FuseRequest request)
    {
        byte* name = request.Name(0);
        if (Subject(request) is not { } inode)
            return;
        using Pinned at = _descriptors.Pin(inode);
        if (at.Failed || name is null)
        {
            request.Fail(at.Failed ? at.Errno : Errno.EINVAL);
            return;
        }
        ulong sequence = 0;
        PrepareContent(inode);
        lock (inode.Content)
        {
            byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
            NativeText.DescriptorPath(at.Descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
            if (LibC.removexattr(self, name) != 0)
            {
                request.Fail(Errno.Last);
                return;
            }
            if (IsRecordable(inode, at.Descriptor, out Statx status))
                sequence = RecordXattr(inode, OperationKind.RemoveXattr, 0, FuseRequest.Span(name), [], status);
            if (sequence == 0)
                sequence = ContentNotRecorded(inode);
            request.Reply();
        }
        Conclude(request, sequence);
    }

    private ulong RecordXattr(Inode inode, OperationKind kind, uint flags, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, in Statx status)
    {
        OperationHeader header = OperationHeader.Of(kind, Index, inode.Number);
        header.Argument = flags;
        header.MtimeNs = status.MtimeNs;
        return AppendContentChange(inode, ref header, value, name);
    }

    /// <summary>An access list by somebody who is not of the file's group takes set-gid away (posix_acl_update_mode in the kernel).</summary>
    private static bool DropSetGroupId(int descriptor) =>
        Lower.Status(descriptor, out Statx status) == 0
        && (status.Mode & LibC.S_ISGID) != 0
        && Lower.SetMode(descriptor, status.Mode & ~LibC.S_ISGID) == 0;

    private void ReadLink(FuseRequest request)
    {
        if (Subject(request) is not { } inode)
            return;
        using Pinned at = _descriptors.Pin(inode);
        byte empty = 0;
        nint bytes = at.Failed ? -1 : LibC.readlinkat(at.Descriptor, &empty, request.Data, FuseRequest.PageBytes);
        if (bytes < 0)
            request.Fail(at.Failed ? at.Errno : Errno.Last);
        else
            request.ReplyData((int)bytes);
    }

    private void GetFileSystemStatus(FuseRequest request)
    {
        Statfs status;
        if (LibC.fstatfs(_root.Descriptor, &status) != 0)
        {
            request.Fail(Errno.Last);
            return;
        }
        *request.Out<FuseAbi.StatFsOut>() = new FuseAbi.StatFsOut
        {
            Blocks = status.Blocks,
            BlocksFree = status.BlocksFree,
            BlocksAvailable = status.BlocksAvailable,
            Files = status.Files,
            FilesFree = status.FilesFree,
            BlockSize = (uint)status.BlockSize,
            NameBytesMax = (uint)status.NameBytesMax,
            FragmentSize = (uint)status.FragmentSize,
        };
        request.Reply(sizeof(FuseAbi.StatFsOut));
    }
}
