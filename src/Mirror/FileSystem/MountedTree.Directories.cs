using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <content>Reading directories.</content>
public sealed unsafe partial class MountedTree
{
    /// <summary>Smallest room that an entry of getdents64(2) with the longest name needs.</summary>
    private const int DirentBytesMin = 512;

    /// <summary>An answer to READDIRPLUS is longer than what getdents64(2) gives, by about so many times.</summary>
    private const int PlusFactor = 6;

    private void OpenDirectory(FuseRequest request)
    {
        if (Subject(request) is not { } inode)
            return;
        using Pinned at = _descriptors.Pin(inode);
        int opened = at.Failed ? at.Descriptor : Lower.Reopen(at.Descriptor, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (opened < 0)
        {
            request.Fail(-opened);
            return;
        }
        // Names change by this mount alone, and the kernel forgets what it has read of a directory when they do: where it is told of no error.
        bool isStale = inode.TakeStaleListing();
        *request.Out<FuseAbi.OpenOut>() = new FuseAbi.OpenOut
        {
            Handle = _files.Add(inode, opened, writable: false),
            OpenFlags = _settings.ReadOnly ? 0 : FuseAbi.OpenCacheDirectory | (isStale ? 0 : FuseAbi.OpenKeepCache),
        };
        request.Reply(sizeof(FuseAbi.OpenOut));
    }

    /// <summary>The directories of a request that fails although it may have changed names.</summary>
    private void DistrustListings(FuseRequest request)
    {
        _inodes.Find(request.Node)?.DistrustListing();
        if (request.Opcode is FuseOpcode.Rename or FuseOpcode.Rename2)
            _inodes.Find(request.In<FuseAbi.Rename2In>().NewParent)?.DistrustListing();
    }

    private void ReadDirectory(FuseRequest request, FuseWorker worker) => ReadDirectory(request, worker, plus: false);

    private void ReadDirectoryPlus(FuseRequest request, FuseWorker worker) => ReadDirectory(request, worker, plus: true);

    private void ReadDirectory(FuseRequest request, FuseWorker worker, bool plus)
    {
        FuseAbi.ReadIn wanted = request.In<FuseAbi.ReadIn>();
        if (FileOf(request, wanted.Handle) is not { Inode: { } inode } file)
            return;
        int size = (int)Math.Min(wanted.Size, (uint)FuseRequest.DataRoom);
        int room = Math.Clamp(plus ? size / PlusFactor : size * 3 / 4, DirentBytesMin, FuseWorker.ScratchBytes);
        if (file.Position != (long)wanted.Offset && LibC.lseek(file.Descriptor, (long)wanted.Offset, LibC.SEEK_SET) < 0)
        {
            request.Fail(Errno.Last);
            return;
        }
        nint bytes = LibC.getdents64(file.Descriptor, worker.Scratch, (nuint)room);
        if (bytes < 0)
        {
            file.Position = -1;
            request.Fail(Errno.Last);
            return;
        }
        file.Position = (long)wanted.Offset;
        int written = 0;
        byte* end = worker.Scratch + bytes;
        bool all = true;
        for (byte* entry = worker.Scratch; all && entry < end; entry += *(ushort*)(entry + 16))
        {
            all = plus
                ? AddEntryPlus(inode, file, entry, request.Data, ref written, size)
                : AddEntry(entry, request.Data, ref written, size);
            if (all)
                file.Position = *(long*)(entry + 8);
        }
        if (!all)
            file.Position = -1;
        request.ReplyData(written);
    }

    /// <returns>False where there is no room for it.</returns>
    private static bool AddEntry(byte* entry, byte* target, ref int written, int size)
    {
        ReadOnlySpan<byte> name = FuseRequest.Span(entry + LibC.DirentNameOffset);
        int length = (sizeof(FuseAbi.Dirent) + name.Length + 7) & ~7;
        if (written + length > size)
            return false;
        byte* place = target + written;
        new Span<byte>(place + length - 8, 8).Clear();
        *(FuseAbi.Dirent*)place = new FuseAbi.Dirent
        {
            Inode = *(ulong*)entry,
            Offset = *(ulong*)(entry + 8),
            NameBytes = (uint)name.Length,
            Type = entry[18],
        };
        name.CopyTo(new Span<byte>(place + sizeof(FuseAbi.Dirent), name.Length));
        written += length;
        return true;
    }

    private bool AddEntryPlus(Inode directory, OpenFile file, byte* entry, byte* target, ref int written, int size)
    {
        byte* name = entry + LibC.DirentNameOffset;
        int place = written;
        written += sizeof(FuseAbi.EntryOut);
        if (written >= size || !AddEntry(entry, target, ref written, size))
        {
            written = place;
            return false;
        }
        var result = (FuseAbi.EntryOut*)(target + place);
        *result = default;
        // The kernel takes no reference to these two; to what cannot be looked up it has only the name.
        if (FuseRequest.Span(name) is not ([(byte)'.'] or [(byte)'.', (byte)'.'])
            && LookUp(directory, file.Descriptor, name, out Inode? inode, out Statx status) == 0)
        {
            *result = EntryOf(inode!, status);
        }
        return true;
    }
}
