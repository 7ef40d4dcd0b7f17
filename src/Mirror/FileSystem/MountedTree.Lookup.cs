using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <content>From names to inodes, and how the kernel lets go of them.</content>
public sealed unsafe partial class MountedTree
{
    private void LookUp(FuseRequest request)
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
        int errno = LookUp(parent, at.Descriptor, name, out Inode? inode, out Statx status);
        if (inode is not null)
            ReplyEntry(request, inode, status);
        else if (errno == Errno.ENOENT && _cacheSeconds > 0)
            ReplyAbsent(request);
        else
            request.Fail(errno);
    }

    /// <summary>What a name means, with one more reference. The name is remembered, if it did not change meanwhile.</summary>
    private int LookUp(Inode parent, int directory, byte* name, out Inode? inode, out Statx status)
    {
        long version = _names.Version;
        inode = null;
        int errno = Resolve(directory, name, out int descriptor, out status);
        if (errno != 0)
            return errno;
        inode = Know(descriptor, status);
        if (_settings.ReadOnly || _names.TryAdd(inode, parent.Number, FuseRequest.Span(name), version))
            return 0;
        Forget(inode.Number, 1);
        inode = null;
        lock (_namespace)
        {
            errno = Resolve(directory, name, out descriptor, out status);
            if (errno != 0)
                return errno;
            inode = Know(descriptor, status);
            _names.Add(inode, parent.Number, FuseRequest.Span(name));
            return 0;
        }
    }

    /// <summary>Opens (O_PATH) what a name means. What other file systems hold that are mounted below is not part of the tree: EXDEV.</summary>
    private int Resolve(int directory, byte* name, out int descriptor, out Statx status)
    {
        status = default;
        descriptor = Lower.OpenChild(directory, name);
        if (descriptor < 0)
            return -descriptor;
        int errno = Lower.Status(descriptor, out status);
        if (errno == 0 && (status.Device != _root.Device || status.MountId != _root.MountId || status.Inode <= FileId.Root))
            errno = Errno.EXDEV;
        if (errno == 0)
            return 0;
        _ = LibC.close(descriptor);
        descriptor = -1;
        return errno;
    }

    /// <summary>The inode of an open O_PATH descriptor, which is the cache's from now on, with one more reference.</summary>
    private Inode Know(int descriptor, in Statx status)
    {
        _ = Handles.Of(descriptor, out FileHandle handle);
        Inode inode = _inodes.Take(status.Inode, handle, status.Type);
        _descriptors.Offer(inode, descriptor);
        return inode;
    }

    private void Forget(FuseRequest request) => Forget(request.Node, request.In<ulong>());

    private void ForgetMany(FuseRequest request)
    {
        uint count = request.In<FuseAbi.BatchForgetIn>().Count;
        int room = (request.ArgumentBytes - sizeof(FuseAbi.BatchForgetIn)) / sizeof(FuseAbi.ForgetOne);
        var items = (FuseAbi.ForgetOne*)(request.Argument + sizeof(FuseAbi.BatchForgetIn));
        for (int i = 0; i < Math.Min(count, room); i++)
            Forget(items[i].Node, items[i].Lookups);
    }

    private void Forget(ulong number, ulong references)
    {
        if (number != FileId.Root && _inodes.Forget(number, references) is { } inode)
            _descriptors.Drop(inode);
    }

    private void ReplyAbsent(FuseRequest request)
    {
        request.Out<FuseAbi.EntryOut>()->EntryValidSeconds = _cacheSeconds;
        request.Reply(sizeof(FuseAbi.EntryOut));
    }

    private void ReplyEntry(FuseRequest request, Inode inode, in Statx status)
    {
        *request.Out<FuseAbi.EntryOut>() = EntryOf(inode, status);
        request.Reply(sizeof(FuseAbi.EntryOut));
    }

    private FuseAbi.EntryOut EntryOf(Inode inode, in Statx status) => new()
    {
        Node = inode.Number,
        Generation = inode.Generation,
        EntryValidSeconds = _cacheSeconds,
        AttrValidSeconds = _cacheSeconds,
        Attr = AttributesOf(status),
    };

    private static FuseAbi.Attr AttributesOf(in Statx status) => new()
    {
        Inode = status.Inode,
        Size = status.Size,
        Blocks = status.Blocks,
        Atime = (ulong)status.Atime.Seconds,
        Mtime = (ulong)status.Mtime.Seconds,
        Ctime = (ulong)status.Ctime.Seconds,
        AtimeNs = status.Atime.Fraction,
        MtimeNs = status.Mtime.Fraction,
        CtimeNs = status.Ctime.Fraction,
        Mode = status.Mode,
        Links = status.Links,
        User = status.UserId,
        Group = status.GroupId,
        Device = status.Rdev,
        BlockSize = status.BlockSize,
    };
}
