using System.Text;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>
/// One replicated directory on the secondary: which of its own files the primary's ids mean, and what each operation does to them. One thread.
/// Never follows a
/// symbolic link and never leaves the directory: files are reached by handle, names are single components.
/// </summary>
internal sealed unsafe partial class ReplayTree : IDisposable
{
    private const int DescriptorsCached = 384;

    private readonly ReplayRoot _root;
    private readonly int _mount;
    private readonly ulong _device;
    private readonly bool _hasHandles;
    private readonly Dictionary<ulong, OwnFile> _files = [];

    /// <summary>Ids of own inodes that had several names when they were introduced: these alone can come to stand for two ids.</summary>
    private readonly Dictionary<ulong, ulong> _idOfLinked = [];

    private readonly DescriptorCache _open = new(DescriptorsCached);

    /// <exception cref="ReplayException">The directory cannot be opened.</exception>
    public ReplayTree(byte index, ReplayRoot root)
    {
        Index = index;
        _root = root;
        fixed (byte* self = "."u8)
            _mount = LibC.openat(root.Descriptor, self, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        if (_mount < 0)
            throw new ReplayException($"open {root.Path}", Errno.Last);
        _device = StatOf(_mount).Device;
        _hasHandles = Handles.Of(_mount, out _) == 0;
    }

    public byte Index { get; }

    /// <summary>Whether the present operation has changed anything yet: if it fails then, it is half applied.</summary>
    public bool HasChanged { get; set; }

    /// <summary>Of the same file system, for syncfs(2) by any thread while the tree lives.</summary>
    public int SyncDescriptor => _mount;

    public int FilesKnown => _files.Count;

    /// <summary>No id means anything any more.</summary>
    public void Forget()
    {
        _open.Clear();
        foreach (OwnFile file in _files.Values)
        {
            if (file.Kept >= 0)
                _ = LibC.close(file.Kept);
        }

        _files.Clear();
        _idOfLinked.Clear();
        _times.Clear();
        _listing = null;
    }

    public void Dispose()
    {
        Forget();
        _open.Dispose();
        _ = LibC.close(_mount);
        DisposeBuffers();
    }

    /// <summary>A descriptor for one caller alone, to sync the file on another thread; -1 where it is gone meanwhile.</summary>
    /// <param name="ownInode">Which file of this node that is; 0: the root.</param>
    public int OpenForSync(ulong id, out ulong ownInode)
    {
        ownInode = Known(id).Inode;
        int known = TryDescriptor(id);
        if (known == -Errno.ESTALE)
            return -1;
        int descriptor = known < 0 ? known : LibC.fcntl(known, LibC.F_DUPFD_CLOEXEC, 0);
        return descriptor >= 0 ? descriptor : throw Failed("open", id, known < 0 ? -known : Errno.Last);
    }

    /// <summary>
    /// The descriptor of a known file: for reading and writing where it is a regular file, O_PATH where it is neither that nor a directory.
    /// </summary>
    private int Descriptor(ulong id)
    {
        int descriptor = TryDescriptor(id);
        return descriptor >= 0 ? descriptor : throw Failed("open_by_handle_at", id, -descriptor);
    }

    /// <summary>As <see cref="Descriptor"/>, or minus errno.</summary>
    private int TryDescriptor(ulong id)
    {
        if (id == FileId.Root)
            return _mount;
        if (_open.TryGet(id, out int descriptor))
            return descriptor;
        descriptor = Open(id, Known(id));
        if (descriptor >= 0)
            _open.Add(id, descriptor);
        return descriptor;
    }

    private int DirectoryDescriptor(ulong id) =>
        id == FileId.Root || Known(id).IsDirectory ? Descriptor(id) : throw new ReplayException($"file {id} is no directory");

    private int RegularDescriptor(ulong id) =>
        id != FileId.Root && Known(id).IsRegular ? Descriptor(id) : throw new ReplayException($"file {id} is no regular file");

    public void RefuseUnknown(ulong id) => Known(id);

    private OwnFile Known(ulong id) => _files.TryGetValue(id, out OwnFile file)
        ? file
        : id == FileId.Root
            ? new OwnFile { Type = LibC.S_IFDIR, Kept = _mount }
            : throw new ReplayException($"file {id} of directory {Index} was never introduced");

    private int Open(ulong id, in OwnFile file)
    {
        int flags = file.Type switch
        {
            LibC.S_IFREG => LibC.O_RDWR | LibC.O_NOFOLLOW | LibC.O_NOATIME | LibC.O_NONBLOCK | LibC.O_LARGEFILE,
            LibC.S_IFDIR => LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOATIME,
            _ => LibC.O_PATH | LibC.O_NOFOLLOW,
        };
        if (!file.Handle.IsEmpty)
            return Handles.Open(_mount, file.Handle, flags);
        if (id == FileId.Root || file.Kept >= 0)
            return Reopen(file.Kept, flags);
        return -Errno.ESTALE;
    }

    /// <summary>Another descriptor of an open file: what /proc shows is the file itself, also where that is a symbolic link.</summary>
    private static int Reopen(int descriptor, int flags)
    {
        byte* path = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(path, NativeText.DescriptorPathRoom));
        int opened = LibC.open(path, (flags & ~LibC.O_NOFOLLOW) | LibC.O_CLOEXEC, 0);
        return opened < 0 ? -Errno.Last : opened;
    }

    /// <summary>From here on the id means what is called so in the directory; whatever it meant before is forgotten.</summary>
    private OwnFile Learn(ulong id, ulong parent, int directory, ReadOnlySpan<byte> name) => Learn(id, parent, directory, name, out _);

    private OwnFile Learn(ulong id, ulong parent, int directory, ReadOnlySpan<byte> name, out Statx stat)
    {
        RefuseReserved(id);
        int descriptor = OpenName(directory, name);
        if (descriptor < 0)
            throw Failed("open", directory, name, -descriptor);
        bool keep = false;
        try
        {
            stat = StatOf(descriptor);
            if (stat.Device != _device)
                throw new ReplayException($"{PathOf(directory, name)} is on another file system; nothing may be mounted below a replicated directory");
            keep = Handles.Of(descriptor, out FileHandle handle) != 0;
            if (keep && _hasHandles)
                throw Failed("name_to_handle_at", directory, name, Errno.Last);
            var file = new OwnFile { Handle = handle, Inode = stat.Inode, Parent = parent, Type = stat.Type, Kept = keep ? descriptor : -1 };
            Forget(id);
            _files[id] = file;
            if (stat.Links > 1 && !stat.IsDirectory)
                _idOfLinked[stat.Inode] = id;
            return file;
        }
        finally
        {
            if (!keep)
                _ = LibC.close(descriptor);
        }
    }

    private void Forget(ulong id)
    {
        if (!_files.Remove(id, out OwnFile file))
            return;
        _open.Remove(id);
        _times.Remove(id);
        _unfilled.Remove(id);
        if (_idOfLinked.TryGetValue(file.Inode, out ulong linked) && linked == id)
            _idOfLinked.Remove(file.Inode);
        if (file.Kept >= 0)
            _ = LibC.close(file.Kept);
    }

    private static void RefuseReserved(ulong id)
    {
        if (id is FileId.None or FileId.Root)
            throw new ReplayException($"file id {id} cannot be introduced");
    }

    /// <summary>O_PATH descriptor of a name, or minus errno; a symbolic link is opened itself.</summary>
    private static int OpenName(int directory, ReadOnlySpan<byte> name)
    {
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(name, text);
        int descriptor = LibC.openat(directory, text, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
        return descriptor < 0 ? -Errno.Last : descriptor;
    }

    /// <summary>Names come from the network: one that could lead anywhere else ends the session.</summary>
    private static void WriteName(ReadOnlySpan<byte> name, byte* text)
    {
        if (!NativeText.TryName(name, new Span<byte>(text, NativeText.NameRoom)))
            throw new ReplayException($"a name of {name.Length} bytes that is none");
    }

    private static Statx StatOf(int descriptor)
    {
        Statx stat;
        byte empty = 0;
        return LibC.statx(descriptor, &empty, LibC.AT_EMPTY_PATH | LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &stat) == 0
            ? stat
            : throw new ReplayException("statx", Errno.Last);
    }

    /// <summary>What is called so in the directory. False where nothing is.</summary>
    private bool TryStat(int directory, ReadOnlySpan<byte> name, out Statx stat)
    {
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(name, text);
        fixed (Statx* result = &stat)
        {
            if (LibC.statx(directory, text, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, result) == 0)
                return true;
        }

        stat = default;
        return Errno.Last == Errno.ENOENT ? false : throw Failed("statx", directory, name, Errno.Last);
    }

    private ReplayException Failed(string call, ulong id, int errno) => new($"{call} of {PathOf(id)}", errno);

    private static ReplayException Failed(string call, int directory, ReadOnlySpan<byte> name, int errno) =>
        new($"{call} of {PathOf(directory, name)}", errno);

    private string PathOf(ulong id)
    {
        if (id == FileId.Root)
            return _root.Path;
        return _open.TryGet(id, out int descriptor) ? PathOfDescriptor(descriptor) : $"file {id} in {_root.Path}";
    }

    private static string PathOf(int directory, ReadOnlySpan<byte> name) => $"{PathOfDescriptor(directory)}/{Encoding.UTF8.GetString(name)}";

    private static string PathOfDescriptor(int descriptor) => Encoding.UTF8.GetString(PathBytes(descriptor));

    private static ReadOnlySpan<byte> PathBytes(int descriptor)
    {
        const int pathMax = 4096;
        byte* link = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(link, NativeText.DescriptorPathRoom));
        byte[] path = new byte[pathMax];
        fixed (byte* target = path)
        {
            nint length = LibC.readlinkat(LibC.AT_FDCWD, link, target, pathMax);
            return length < 0 ? "?"u8 : path.AsSpan(0, (int)length);
        }
    }
}
