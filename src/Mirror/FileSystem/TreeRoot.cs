using System.Text;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// A replicated directory as it is underneath, opened before anything is mounted over it: from here everything in it is reached without a path.
/// </summary>
public sealed unsafe class TreeRoot : IDisposable
{
    private TreeRoot(string path, int descriptor, int handleMount, in Statx status, in FileHandle handle)
    {
        Path = path;
        Descriptor = descriptor;
        HandleMount = handleMount;
        Device = status.Device;
        MountId = status.MountId;
        InodeNumber = status.Inode;
        Handle = handle;
    }

    public string Path { get; }

    /// <summary>O_PATH descriptor of the directory.</summary>
    public int Descriptor { get; }

    /// <summary>Readable descriptor of the directory: what open_by_handle_at(2) and syncfs(2) want.</summary>
    public int HandleMount { get; }

    public ulong Device { get; }

    /// <summary>Mount that the directory lies in: what lies below another mount is not part of the tree.</summary>
    public ulong MountId { get; }

    public ulong InodeNumber { get; }

    public FileHandle Handle { get; }

    /// <summary>Whether the file system has handles; without them every known file needs an open descriptor.</summary>
    public bool HasHandles => !Handle.IsEmpty;

    /// <exception cref="SafeKitException">
    /// It is missing, not a directory, already replicated, read-only, or something is mounted below it.
    /// </exception>
    public static TreeRoot Open(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        RefuseBelowOwnMount(path, full);
        int descriptor = OpenDirectory(full, LibC.O_PATH);
        if (descriptor < 0)
            throw Refused(path, -descriptor);
        try
        {
            // The name may have led through symbolic links: what counts is where it ended.
            string real = RealPath(descriptor, full);
            RefuseBelowOwnMount(path, real);
            if (DirectoryObstacle.Of(real) is { } obstacle)
                throw new SafeKitException(obstacle);
            return Examine(full, descriptor);
        }
        catch
        {
            _ = LibC.close(descriptor);
            throw;
        }
    }

    /// <summary>
    /// Everything of this file system onto the disk. Fails also for what the disk refused at any time since this root was opened (syncfs(2)).
    /// </summary>
    /// <returns>0 or the error number.</returns>
    public int Sync() => LibC.syncfs(HandleMount) == 0 ? 0 : Errno.Last;

    public void Dispose()
    {
        _ = LibC.close(Descriptor);
        _ = LibC.close(HandleMount);
    }

    private static TreeRoot Examine(string full, int descriptor)
    {
        Statx status;
        byte empty = 0;
        if (LibC.statx(descriptor, &empty, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS | LibC.STATX_MNT_ID, &status) != 0)
            throw Refused(full, Errno.Last);
        byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
        int mount = LibC.open(self, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (mount < 0)
            throw Refused(full, Errno.Last);
        return new TreeRoot(full, descriptor, mount, status, WorkingHandle(descriptor, mount));
    }

    /// <summary>The handle, if the file system gives one and takes it back (overlayfs may give and not take).</summary>
    private static FileHandle WorkingHandle(int descriptor, int mount)
    {
        if (Handles.Of(descriptor, out FileHandle handle) != 0)
            return default;
        int again = Handles.Open(mount, handle, LibC.O_PATH);
        if (again < 0)
            return default;
        _ = LibC.close(again);
        return handle;
    }

    private static int OpenDirectory(string path, int flags)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            int fd = LibC.open(name, flags | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
            return fd < 0 ? -Errno.Last : fd;
        }
    }

    private static string RealPath(int descriptor, string otherwise) =>
        System.IO.File.ResolveLinkTarget($"/proc/self/fd/{descriptor}", false)?.FullName ?? otherwise;

    private static void RefuseBelowOwnMount(string path, string full)
    {
        if (MountTable.ReplicatedAbove(full) is { } mounted)
            throw new SafeKitException($"{path} lies in {mounted}, which is replicated already; stop the module that replicates it, or choose another directory");
    }

    private static SafeKitException Refused(string path, int errno) => errno switch
    {
        Errno.ENOENT => new SafeKitException($"{path}: the replicated directory does not exist; create it, or mount the disk that it lies on"),
        Errno.ENOTDIR => new SafeKitException($"{path} is not a directory; only directories can be replicated"),
        Errno.ENOTCONN => new SafeKitException($"{path} is the dead mount of a program that has ended; unmount it (umount -l {path})"),
        _ => new SafeKitException($"{path} cannot be replicated: {Errno.Describe("open", errno)}"),
    };
}
