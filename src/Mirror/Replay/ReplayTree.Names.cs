using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>Operations on names.</summary>
internal sealed unsafe partial class ReplayTree
{
    private const uint PermissionBits = 0xFFF;

    /// <summary>Nobody's but root's until its attributes come.</summary>
    private const uint OnlyOwner = 0x1C0;

    public void Introduce(in Operation operation)
    {
        ulong id = operation.Header.File;
        bool isKnown = _files.TryGetValue(id, out OwnFile known);
        bool hasTime = _times.TryGetValue(id, out long mtimeNs);
        OwnFile file = Learn(id, operation.Header.Parent, DirectoryDescriptor(operation.Header.Parent), operation.Name);

        // The primary's next run introduces anew: what is still to be set of the same file stays to be set.
        if (isKnown && hasTime && known.Inode == file.Inode)
            _times[id] = mtimeNs;
        uint expected = operation.Header.Mode & LibC.S_IFMT;
        if (expected != 0 && expected != file.Type)
            throw new ReplayException($"{PathOf(DirectoryDescriptor(operation.Header.Parent), operation.Name)} is of another type than on the primary");
    }

    /// <summary>
    /// The file has its owner and mode from its first moment on, as on the primary: the disk may lose power between any two calls, and an
    /// application does not find its own file closed to it afterwards.
    /// </summary>
    public void Create(in Operation operation)
    {
        OperationHeader header = operation.Header;
        RefuseReserved(header.File);
        int directory = DirectoryDescriptor(header.Parent);
        int errno;
        using (new CreatorIdentity(header.UserId, header.GroupId))
            errno = MakeNode(directory, operation.Name, header.Mode, header.Device, operation.Data);
        if (errno == Errno.EEXIST && (header.Mode & LibC.S_IFMT) == LibC.S_IFDIR && IsLeftForExcluded(directory, operation.Name))
            errno = 0;
        if (errno != 0)
            throw Failed("create", directory, operation.Name, errno);
        HasChanged = true;
        Learn(header.File, header.Parent, directory, operation.Name, out Statx made);

        // What the directory gives by itself: its group, if it says so; and mkdir(2) takes no set-group-id.
        bool isOwned = made.UserId == header.UserId && made.GroupId == header.GroupId;
        if (!isOwned)
            SetOwner(header.File, header.UserId, header.GroupId);
        if (!isOwned || ((made.Mode ^ header.Mode) & PermissionBits) != 0)
            SetMode(header.File, header.Mode);
    }

    public void Link(in Operation operation)
    {
        int directory = DirectoryDescriptor(operation.Header.Parent);
        int errno = LinkTo(operation.Header.File, directory, operation.Name);
        if (errno != 0)
            throw Failed("link", directory, operation.Name, errno);
        HasChanged = true;
        SetParent(operation.Header.File, operation.Header.Parent);
    }

    public void Unlink(in Operation operation)
    {
        int directory = DirectoryDescriptor(operation.Header.Parent);
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(operation.Name, text);
        int errno = LibC.unlinkat(directory, text, 0) == 0 ? 0 : Errno.Last;

        // A name that a survey has taken away already, or not yet brought, is gone as it should be.
        if (errno != 0 && !(errno == Errno.ENOENT && IsSurveyed))
            throw Failed("unlink", directory, operation.Name, errno);
        HasChanged = true;
        if (operation.Header.Flags.HasFlag(OperationFlags.LastName))
            Forget(operation.Header.File);
        else if (_files.TryGetValue(operation.Header.File, out OwnFile left) && left.Parent == operation.Header.Parent)
            SetParent(operation.Header.File, FileId.None);
    }

    public void RemoveDirectory(in Operation operation)
    {
        int directory = DirectoryDescriptor(operation.Header.Parent);
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(operation.Name, text);
        int errno = LibC.unlinkat(directory, text, LibC.AT_REMOVEDIR) == 0 ? 0 : Errno.Last;
        if (errno == Errno.ENOTEMPTY && IsSurveyed)
            Remove(directory, operation.Name);
        else if (errno != 0 && !(errno == Errno.ENOTEMPTY && IsLeftForExcluded(directory, operation.Name)))
            throw Failed("rmdir", directory, operation.Name, errno);
        HasChanged = true;
        Forget(operation.Header.File);
    }

    public void Rename(in Operation operation)
    {
        OperationHeader header = operation.Header;
        int from = DirectoryDescriptor(header.Parent);
        int to = DirectoryDescriptor(header.OtherParent);
        byte* name = stackalloc byte[NativeText.NameRoom];
        byte* otherName = stackalloc byte[NativeText.NameRoom];
        WriteName(operation.Name, name);
        WriteName(operation.OtherName, otherName);
        if (header.Argument is not (0 or LibC.RENAME_NOREPLACE or LibC.RENAME_EXCHANGE))
            throw new ReplayException($"rename with flags {header.Argument}");
        int errno = LibC.renameat2(from, name, to, otherName, header.Argument) == 0 ? 0 : Errno.Last;
        bool intoFull = errno is Errno.ENOTEMPTY or Errno.EEXIST && header.Argument == 0
            && (IsSurveyed || IsLeftForExcluded(to, operation.OtherName));
        bool intoOther = errno is Errno.EISDIR or Errno.ENOTDIR && header.Argument == 0 && IsSurveyed;
        if ((intoFull || intoOther) && Remove(to, operation.OtherName))
            errno = LibC.renameat2(from, name, to, otherName, header.Argument) == 0 ? 0 : Errno.Last;
        if (errno != 0)
            throw new ReplayException($"rename of {PathOf(from, operation.Name)} to {PathOf(to, operation.OtherName)}", errno);
        HasChanged = true;
        SetParent(header.File, header.OtherParent);
        if (header.Argument == LibC.RENAME_EXCHANGE)
            SetParent(header.OtherFile, header.Parent);
        if (header.Argument == 0 && IsSurveyed)
            RemoveSecondLink(operation, from, name);
        if (header.OtherFile != 0 && header.OtherFile != header.File && header.Flags.HasFlag(OperationFlags.LastName))
            Forget(header.OtherFile);
    }

    /// <summary>
    /// rename(2) does nothing where both names stand for one inode. On the primary they stood for two: the old name goes here too.
    /// </summary>
    private static void RemoveSecondLink(in Operation operation, int directory, byte* name)
    {
        bool isSameName = operation.Header.Parent == operation.Header.OtherParent && operation.Name.SequenceEqual(operation.OtherName);
        if (!isSameName && LibC.unlinkat(directory, name, 0) != 0 && Errno.Last != Errno.ENOENT)
            throw Failed("unlink", directory, operation.Name, Errno.Last);
    }

    /// <summary>A file under a name that must be free. errno, or 0.</summary>
    /// <param name="mode">Type and permissions.</param>
    private static int MakeNode(int directory, ReadOnlySpan<byte> name, uint mode, uint device, ReadOnlySpan<byte> linkTarget)
    {
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(name, text);
        uint type = mode & LibC.S_IFMT;
        int result = type switch
        {
            LibC.S_IFREG => MakeRegular(directory, text, mode & PermissionBits),
            LibC.S_IFDIR => LibC.mkdirat(directory, text, mode & PermissionBits),
            LibC.S_IFLNK => MakeLink(directory, text, linkTarget),
            LibC.S_IFIFO or LibC.S_IFSOCK or LibC.S_IFCHR or LibC.S_IFBLK => LibC.mknodat(directory, text, type | (mode & PermissionBits), device),
            _ => throw new ReplayException($"a file of type {type:x}"),
        };
        return result == 0 ? 0 : Errno.Last;
    }

    private static int MakeRegular(int directory, byte* name, uint mode)
    {
        int descriptor = LibC.openat(directory, name, LibC.O_CREAT | LibC.O_EXCL | LibC.O_WRONLY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, mode);
        return descriptor < 0 ? -1 : LibC.close(descriptor);
    }

    private static int MakeLink(int directory, byte* name, ReadOnlySpan<byte> target)
    {
        const int targetMax = 4096;
        if (target.IsEmpty || target.Length >= targetMax || target.Contains((byte)0))
            throw new ReplayException($"a symbolic link to {target.Length} bytes that are no path");
        byte* text = stackalloc byte[targetMax];
        target.CopyTo(new Span<byte>(text, targetMax));
        text[target.Length] = 0;
        return LibC.symlinkat(text, directory, name);
    }

    /// <summary>One more name of a known file. errno, or 0.</summary>
    private int LinkTo(ulong id, int directory, ReadOnlySpan<byte> name)
    {
        if (Known(id).IsDirectory)
            throw new ReplayException($"a second name for directory {id}");
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(name, text);
        byte empty = 0;
        int descriptor = TryDescriptor(id);
        if (descriptor < 0)
            return -descriptor;
        return LibC.linkat(descriptor, &empty, directory, text, LibC.AT_EMPTY_PATH) == 0 ? 0 : Errno.Last;
    }
}
