using SafeKit.Core.Native;
using SafeKit.Core.Wire;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>
/// The simplest other node: applies recorded operations to a plain directory, one after the other, and fails at the first that does not fit. Tells whether
/// what was recorded is enough to make the same tree.
/// </summary>
internal sealed unsafe class TestReplica : IDisposable
{
    private readonly Dictionary<ulong, int> _files = [];
    private readonly byte[] _empty = [0];

    public TestReplica(string folder) => _files[FileId.Root] = Must(Posix.Open(folder, LibC.O_PATH | LibC.O_DIRECTORY), "open");

    public void Dispose()
    {
        foreach (int fd in _files.Values)
            Posix.Close(fd);
    }

    public void Apply(RecordedOperation operation)
    {
        try
        {
            Dispatch(operation);
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{operation}: {failure.Message}");
        }
    }

    private void Dispatch(RecordedOperation operation)
    {
        OperationHeader header = operation.Header;
        switch (header.Kind)
        {
            case OperationKind.Introduce: Learn(header.File, header.Parent, operation.NameBytes); break;
            case OperationKind.Create: Create(operation); break;
            case OperationKind.Link: Link(operation); break;
            case OperationKind.Unlink: Remove(operation, 0); break;
            case OperationKind.RemoveDirectory: Remove(operation, LibC.AT_REMOVEDIR); break;
            case OperationKind.Rename: Rename(operation); break;
            case OperationKind.Write: Content(header, fd => Assert.Equal(operation.Data.Length, Posix.Write(fd, operation.Data, header.Offset))); break;
            case OperationKind.Allocate: Content(header, fd => Zero(Posix.Allocate(fd, (int)header.Argument, header.Offset, header.Length))); break;
            case OperationKind.Hole: Content(header, fd => Punch(fd, header.Offset, header.Length)); break;
            case OperationKind.SetAttributes: SetAttributes(header); break;
            case OperationKind.Attributes: SetAll(operation); break;
            case OperationKind.SetXattr: Zero(Posix.SetXattrOf(Of(header.File), operation.Name, operation.Data)); break;
            case OperationKind.RemoveXattr: Zero(Posix.RemoveXattrOf(Of(header.File), operation.Name)); break;
            case OperationKind.Sync or OperationKind.SyncTree: break;
            default: throw new InvalidOperationException("not expected");
        }
        SetTime(header.File, header.MtimeNs);
        SetTime(header.Parent, header.ParentMtimeNs);
        SetTime(header.OtherParent, header.OtherParentMtimeNs);
    }

    private static int Must(int fd, string what)
    {
        Assert.True(fd >= 0, Errno.Describe(what, -fd));
        return fd;
    }

    private static void Zero(int errno) => Assert.True(errno == 0, Errno.Describe("call", errno));

    private int Of(ulong file)
    {
        Assert.True(_files.TryGetValue(file, out int fd), $"file {file} was not introduced");
        return fd;
    }

    private static byte[] Ended(byte[] name) => [.. name, 0];

    private void Learn(ulong file, ulong parent, byte[] name)
    {
        fixed (byte* text = Ended(name))
        {
            int fd = LibC.openat(Of(parent), text, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
            Must(fd < 0 ? -Errno.Last : fd, "open");
            if (_files.Remove(file, out int before))
                Posix.Close(before);
            _files[file] = fd;
        }
    }

    private void Create(RecordedOperation operation)
    {
        OperationHeader header = operation.Header;
        int parent = Of(header.Parent);
        fixed (byte* name = Ended(operation.NameBytes), target = Ended(operation.Data))
        {
            int result = (header.Mode & LibC.S_IFMT) switch
            {
                LibC.S_IFDIR => LibC.mkdirat(parent, name, 0x1C0),
                LibC.S_IFLNK => LibC.symlinkat(target, parent, name),
                uint type => LibC.mknodat(parent, name, type | 0x180, header.Device),
            };
            Zero(result == 0 ? 0 : Errno.Last);
        }
        Learn(header.File, header.Parent, operation.NameBytes);
        SetOwnerAndMode(header);
    }

    private void Link(RecordedOperation operation)
    {
        fixed (byte* empty = _empty, name = Ended(operation.NameBytes))
            Zero(LibC.linkat(Of(operation.Header.File), empty, Of(operation.Header.Parent), name, LibC.AT_EMPTY_PATH) == 0 ? 0 : Errno.Last);
    }

    private void Remove(RecordedOperation operation, int flags)
    {
        fixed (byte* name = Ended(operation.NameBytes))
            Zero(LibC.unlinkat(Of(operation.Header.Parent), name, flags) == 0 ? 0 : Errno.Last);
        if (operation.Header.Flags.HasFlag(OperationFlags.LastName))
            Forget(operation.Header.File);
    }

    private void Rename(RecordedOperation operation)
    {
        OperationHeader header = operation.Header;
        fixed (byte* name = Ended(operation.NameBytes), other = Ended(operation.OtherNameBytes))
            Zero(LibC.renameat2(Of(header.Parent), name, Of(header.OtherParent), other, header.Argument) == 0 ? 0 : Errno.Last);
        if (header.Flags.HasFlag(OperationFlags.LastName))
            Forget(header.OtherFile);
    }

    private void Forget(ulong file)
    {
        if (_files.Remove(file, out int fd))
            Posix.Close(fd);
    }

    private void Content(OperationHeader header, Action<int> change)
    {
        int fd = Must(Posix.Open($"/proc/self/fd/{Of(header.File)}", LibC.O_RDWR), "open");
        try
        {
            change(fd);
        }
        finally
        {
            Posix.Close(fd);
        }
    }

    private static void Punch(int fd, long offset, long length)
    {
        if (Posix.StatusOf(fd).Size < (ulong)(offset + length))
            Zero(Posix.Truncate(fd, offset + length));
        Zero(Posix.Allocate(fd, LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, offset, length));
    }

    private void SetAttributes(OperationHeader header)
    {
        var mask = (AttributeMask)header.Argument;
        if (mask.HasFlag(AttributeMask.Size))
            Content(header, fd => Zero(Posix.Truncate(fd, header.Length)));
        if ((mask & (AttributeMask.UserId | AttributeMask.GroupId)) != 0)
            SetOwner(header);
        if (mask.HasFlag(AttributeMask.Mode))
            Zero(Posix.ChangeMode($"/proc/self/fd/{Of(header.File)}", header.Mode & 0xFFF));
    }

    private void SetAll(RecordedOperation operation)
    {
        OperationHeader header = operation.Header;
        SetOwnerAndMode(header);
        var reader = new WireReader(operation.Data);
        while (reader.Remaining > 0)
        {
            Assert.True(XattrList.TryRead(ref reader, out XattrList entry));
            Zero(Posix.SetXattrOf(Of(header.File), System.Text.Encoding.Latin1.GetString(entry.Name), entry.Value));
        }
    }

    private void SetOwnerAndMode(OperationHeader header)
    {
        SetOwner(header);
        if ((header.Mode & LibC.S_IFMT) != LibC.S_IFLNK)
            Zero(Posix.ChangeMode($"/proc/self/fd/{Of(header.File)}", header.Mode & 0xFFF));
    }

    private void SetOwner(OperationHeader header)
    {
        fixed (byte* empty = _empty)
            Zero(LibC.fchownat(Of(header.File), empty, header.UserId, header.GroupId, LibC.AT_EMPTY_PATH) == 0 ? 0 : Errno.Last);
    }

    private void SetTime(ulong file, long mtimeNs)
    {
        if (mtimeNs == OperationHeader.NoTime || !_files.TryGetValue(file, out int fd))
            return;
        Timespec* times = stackalloc Timespec[2] { Timespec.Omitted, Timespec.Of(mtimeNs) };
        fixed (byte* empty = _empty)
            Zero(LibC.utimensat(fd, empty, times, LibC.AT_EMPTY_PATH) == 0 ? 0 : Errno.Last);
    }
}
