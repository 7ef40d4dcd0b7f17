using SafeKit.Core.Native;
using SafeKit.Core.Wire;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>Owner, mode, size, extended attributes.</summary>
internal sealed unsafe partial class ReplayTree
{
    private const uint Unchanged = uint.MaxValue;
    private const int XattrNameRoom = LibC.XATTR_NAME_MAX + 1;

    public void SetAttributes(in OperationHeader header)
    {
        RefuseUnknown(header.File);
        var mask = (AttributeMask)header.Argument;
        if (mask.HasFlag(AttributeMask.Size))
            SetSize(header.File, header.Length);
        if ((mask & (AttributeMask.UserId | AttributeMask.GroupId)) != 0)
        {
            SetOwner(
                header.File,
                mask.HasFlag(AttributeMask.UserId) ? header.UserId : Unchanged,
                mask.HasFlag(AttributeMask.GroupId) ? header.GroupId : Unchanged);
        }

        // After the owner: chown(2) takes set-user-id and set-group-id away.
        if (mask.HasFlag(AttributeMask.Mode))
            SetMode(header.File, header.Mode);
    }

    public void SetXattr(in Operation operation)
    {
        byte* path = stackalloc byte[NativeText.DescriptorPathRoom];
        byte* name = stackalloc byte[XattrNameRoom];
        NativeText.DescriptorPath(Descriptor(operation.Header.File), new Span<byte>(path, NativeText.DescriptorPathRoom));
        WriteXattrName(operation.Name, name);
        if (operation.Header.Argument > LibC.XATTR_REPLACE)
            throw new ReplayException($"setxattr with flags {operation.Header.Argument}");
        fixed (byte* value = operation.Data)
        {
            if (LibC.setxattr(path, name, value, (nuint)operation.Data.Length, (int)operation.Header.Argument) != 0)
                throw Failed("setxattr", operation.Header.File, Errno.Last);
        }

        HasChanged = true;
    }

    public void RemoveXattr(in Operation operation)
    {
        int errno = RemoveXattr(Descriptor(operation.Header.File), operation.Name);
        if (errno != 0)
            throw Failed("removexattr", operation.Header.File, errno);
        HasChanged = true;
    }

    /// <summary>Everything a file has besides content, exactly as given.</summary>
    public void MakeAttributes(in Operation operation)
    {
        OperationHeader header = operation.Header;
        uint type = TypeOf(header.File);
        if ((header.Mode & LibC.S_IFMT) != 0 && (header.Mode & LibC.S_IFMT) != type)
            throw new ReplayException($"attributes of another type for {PathOf(header.File)}");
        Statx stat = StatOf(Descriptor(header.File));
        if (type == LibC.S_IFREG && (long)stat.Size != header.Length)
            SetSize(header.File, header.Length);
        if (stat.UserId != header.UserId || stat.GroupId != header.GroupId)
            SetOwner(header.File, header.UserId, header.GroupId);
        MakeXattrs(header.File, operation.Data);
        SetMode(header.File, header.Mode);
        _unfilled.Remove(header.File);
    }

    private uint TypeOf(ulong id) => id == FileId.Root ? LibC.S_IFDIR : Known(id).Type;

    private void SetSize(ulong id, long size)
    {
        if (size < 0)
            throw new ReplayException($"size {size} for {PathOf(id)}");
        if (LibC.ftruncate(RegularDescriptor(id), size) != 0)
            throw Failed("truncate", id, Errno.Last);
        HasChanged = true;
    }

    private void SetOwner(ulong id, uint user, uint group)
    {
        byte empty = 0;
        if (LibC.fchownat(Descriptor(id), &empty, user, group, LibC.AT_EMPTY_PATH | LibC.AT_SYMLINK_NOFOLLOW) != 0)
            throw Failed("chown", id, Errno.Last);
        HasChanged = true;
    }

    /// <summary>A symbolic link has no mode of its own.</summary>
    private void SetMode(ulong id, uint mode)
    {
        if (TypeOf(id) == LibC.S_IFLNK)
            return;
        byte* path = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(Descriptor(id), new Span<byte>(path, NativeText.DescriptorPathRoom));
        if (LibC.fchmodat(LibC.AT_FDCWD, path, mode & PermissionBits, 0) != 0)
            throw Failed("chmod", id, Errno.Last);
        HasChanged = true;
    }

    private void MakeXattrs(ulong id, ReadOnlySpan<byte> wanted)
    {
        int descriptor = Descriptor(id);
        foreach (byte[] name in XattrNames(id, descriptor))
        {
            if (!Holds(wanted, name))
            {
                int errno = RemoveXattr(descriptor, name);
                if (errno is not (0 or Errno.ENODATA))
                    throw Failed("removexattr", id, errno);
                HasChanged = true;
            }
        }

        var reader = new WireReader(wanted);
        while (reader.Remaining > 0)
        {
            if (!XattrList.TryRead(ref reader, out XattrList entry))
                throw new ReplayException("extended attributes that end within one");
            MakeXattr(id, descriptor, entry);
        }
    }

    private void MakeXattr(ulong id, int descriptor, in XattrList entry)
    {
        byte* path = stackalloc byte[NativeText.DescriptorPathRoom];
        byte* name = stackalloc byte[XattrNameRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(path, NativeText.DescriptorPathRoom));
        WriteXattrName(entry.Name, name);
        if (entry.Value.SequenceEqual(ReadXattr(path, name, out bool exists)) && exists)
            return;
        fixed (byte* value = entry.Value)
        {
            if (LibC.setxattr(path, name, value, (nuint)entry.Value.Length, 0) != 0)
                throw Failed("setxattr", id, Errno.Last);
        }

        HasChanged = true;
    }

    private static bool Holds(ReadOnlySpan<byte> list, ReadOnlySpan<byte> name)
    {
        var reader = new WireReader(list);
        while (reader.Remaining > 0 && XattrList.TryRead(ref reader, out XattrList entry))
        {
            if (entry.Name.SequenceEqual(name))
                return true;
        }

        return false;
    }

    private List<byte[]> XattrNames(ulong id, int descriptor)
    {
        byte* path = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(path, NativeText.DescriptorPathRoom));
        nint length = LibC.listxattr(path, _buffer, LibC.XATTR_SIZE_MAX);
        if (length < 0)
            return Errno.Last is Errno.EOPNOTSUPP or Errno.EPERM ? [] : throw Failed("listxattr", id, Errno.Last);
        var names = new List<byte[]>();
        var rest = new ReadOnlySpan<byte>(_buffer, (int)length);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)0);
            names.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }

        return names;
    }

    /// <summary>The value, in the buffer of the tree; empty where there is none.</summary>
    private ReadOnlySpan<byte> ReadXattr(byte* path, byte* name, out bool exists)
    {
        nint length = LibC.getxattr(path, name, _buffer, LibC.XATTR_SIZE_MAX);
        exists = length >= 0;
        return new ReadOnlySpan<byte>(_buffer, exists ? (int)length : 0);
    }

    private static int RemoveXattr(int descriptor, ReadOnlySpan<byte> name)
    {
        byte* path = stackalloc byte[NativeText.DescriptorPathRoom];
        byte* text = stackalloc byte[XattrNameRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(path, NativeText.DescriptorPathRoom));
        WriteXattrName(name, text);
        return LibC.removexattr(path, text) == 0 ? 0 : Errno.Last;
    }

    private static void WriteXattrName(ReadOnlySpan<byte> name, byte* text)
    {
        if (name.IsEmpty || name.Length > LibC.XATTR_NAME_MAX || name.Contains((byte)0))
            throw new ReplayException($"the name of an extended attribute of {name.Length} bytes that is none");
        name.CopyTo(new Span<byte>(text, XattrNameRoom));
        text[name.Length] = 0;
    }
}
