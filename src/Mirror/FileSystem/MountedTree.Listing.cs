using System.Buffers;
using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <content>Listing a directory for a survey.</content>
public sealed unsafe partial class MountedTree
{
    /// <summary>A part of a listing is sent when it has so many bytes.</summary>
    private const int ListingPartBytes = 256 << 10;

    /// <summary>The longest entry: fixed part, name, target of a symbolic link.</summary>
    private const int ListingEntryBytesMax = ListingEntry.FixedBytes + NativeText.NameRoom + FuseRequest.PageBytes;

    private const int DirentRoom = 64 << 10;

    public bool AppendListing(in SurveyedFile directory, OperationFlags flags, Action<IReadOnlyList<SurveyedFile>> listed)
    {
        if (Hold(directory) is not { } inode)
            return false;
        byte[] part = ArrayPool<byte>.Shared.Rent(ListingPartBytes + ListingEntryBytesMax);
        try
        {
            lock (_namespace)
            {
                using Pinned at = _descriptors.Pin(inode);
                if (inode.Nameless || (at.Failed && IsGone("open", at.Errno)))
                    return false;
                int opened = Lower.Reopen(at.Descriptor, LibC.O_RDONLY | LibC.O_DIRECTORY);
                if (opened < 0 && IsGone("open", -opened))
                    return false;
                try
                {
                    int errno = Lower.Status(opened, out Statx status);
                    if ((errno != 0 && IsGone("statx", errno)) || status.Links == 0)
                        return false;
                    listed(AppendListing(inode, opened, status, flags, part));
                    return true;
                }
                finally
                {
                    _ = LibC.close(opened);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
            Forget(inode.Number, 1);
        }
    }

    private List<SurveyedFile> AppendListing(Inode inode, int opened, in Statx status, OperationFlags flags, byte[] part)
    {
        var files = new List<SurveyedFile>();
        int written = 0;
        byte* entries = (byte*)NativeMemory.Alloc(DirentRoom);
        try
        {
            for (nint bytes; (bytes = LibC.getdents64(opened, entries, DirentRoom)) != 0;)
            {
                if (bytes < 0)
                    throw Unreadable("getdents64", Errno.Last);
                for (byte* entry = entries; entry < entries + bytes; entry += *(ushort*)(entry + 16))
                {
                    written += List(opened, entry + LibC.DirentNameOffset, part.AsSpan(written), files);
                    if (written < ListingPartBytes)
                        continue;
                    AppendListingPart(inode, status, flags | OperationFlags.More, part.AsSpan(0, written));
                    written = 0;
                }
            }
        }
        finally
        {
            NativeMemory.Free(entries);
        }
        AppendListingPart(inode, status, flags, part.AsSpan(0, written));
        return files;
    }

    /// <returns>Bytes written; 0 where the entry is not part of the tree, or not replicated.</returns>
    private int List(int directory, byte* name, Span<byte> target, List<SurveyedFile> files)
    {
        ReadOnlySpan<byte> span = FuseRequest.Span(name);
        if (span is [(byte)'.'] or [(byte)'.', (byte)'.'])
            return 0;
        int errno = Resolve(directory, name, out int descriptor, out Statx status);
        if (errno == Errno.EXDEV || (errno != 0 && IsGone("open", errno)))
            return 0;
        try
        {
            if (IsExcluded(directory, span, status.IsDirectory))
                return 0;
            byte empty = 0;
            Span<byte> link = stackalloc byte[FuseRequest.PageBytes];
            int linkBytes = 0;
            if (status.Type == LibC.S_IFLNK)
            {
                fixed (byte* room = link)
                    linkBytes = (int)LibC.readlinkat(descriptor, &empty, room, (nuint)link.Length);
                if (linkBytes < 0)
                    throw Unreadable("readlinkat", Errno.Last);
            }
            errno = Handles.Of(descriptor, out FileHandle handle);
            if (errno != 0 && _root.HasHandles)
                throw Unreadable("name_to_handle_at", errno);
            files.Add(new SurveyedFile(status.Inode, handle, status.Mode, (long)status.Size, status.Links));
            var entry = new ListingEntry
            {
                File = status.Inode,
                Mode = status.Mode,
                Device = status.Rdev,
                Name = span,
                Target = link[..linkBytes],
            };
            return entry.Write(target);
        }
        finally
        {
            _ = LibC.close(descriptor);
        }
    }

    private void AppendListingPart(Inode inode, in Statx status, OperationFlags flags, ReadOnlySpan<byte> part)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Listing, Index, inode.Number);
        header.Flags = flags;
        header.MtimeNs = status.MtimeNs;
        _recorder.Append(ref header, inode.Handle, [], [], part);
    }
}
