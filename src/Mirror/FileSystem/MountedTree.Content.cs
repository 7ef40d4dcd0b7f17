using System.Buffers;
using System.Security.Cryptography;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <content>Content of a file for the other node: data by pieces, holes without reading them. Under the file's lock.</content>
public sealed unsafe partial class MountedTree
{
    private ContentPiece AppendDigest(Inode inode, int descriptor, in Statx status, long offset, int length, OperationFlags flags)
    {
        long rest = (long)status.Size - offset;
        if (rest <= 0)
            return new ContentPiece(0, 0, ReachesEnd: true);
        OperationHeader header = OperationHeader.Of(OperationKind.Digest, Index, inode.Number);
        header.Flags = flags;
        header.MtimeNs = status.MtimeNs;
        header.Offset = offset;
        long hole = Math.Min(DataFrom(descriptor, offset, offset + rest) - offset, ContentPiece.HoleBytesMax);
        if (hole >= length || hole == rest)
        {
            header.Argument = (uint)hole;
            header.Length = hole;
            _recorder.Append(ref header, inode.Handle, [], [], []);
            return new ContentPiece(hole, 0, hole == rest);
        }

        long bytes = Math.Min(rest, length);
        header.Argument = (uint)bytes;
        header.Length = length;
        _recorder.Append(ref header, inode.Handle, [], [], DigestOf(descriptor, offset, bytes));
        return new ContentPiece(bytes, bytes, bytes == rest);
    }

    private byte[] DigestOf(int descriptor, long offset, long bytes)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(PieceBytesMax);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            for (int read; bytes > 0 && (read = ReadPiece(descriptor, room, offset, bytes)) > 0; offset += read, bytes -= read)
                hash.AppendData(room, 0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// Data as writes, holes as holes, until a piece of data is together or the range ends; and the size, where the end of the file is reached.
    /// </summary>
    private ContentPiece AppendContent(Inode inode, int descriptor, in Statx status, long offset, long length, OperationFlags flags)
    {
        long size = (long)status.Size;
        long end = offset + Math.Clamp(size - offset, 0, Math.Min(length, ContentPiece.HoleBytesMax));
        long at = offset;
        long sent = 0;
        while (at < end && sent < PieceBytesMax)
        {
            long data = DataFrom(descriptor, at, end);
            if (data > at)
                AppendHole(inode, status, at, data - at, flags);
            if ((at = data) >= end)
                break;
            long dataEnd = Math.Min(HoleFrom(descriptor, at, end), at + PieceBytesMax - sent);
            AppendData(inode, descriptor, status, at, dataEnd, flags);
            sent += dataEnd - at;
            at = dataEnd;
        }
        if (at >= size)
            AppendSize(inode, status, flags);
        return new ContentPiece(at - offset, sent, at >= size);
    }

    /// <summary>
    /// All of a file that appears with content, under the locks of names and of the file. It is not kept in memory: where the other node is there,
    /// this waits for it as for a full window, and everything that changes names waits with it.
    /// </summary>
    /// <exception cref="Core.SafeKitException">The connection ends meanwhile: the other node has a part of it.</exception>
    private void AppendWholeContent(Inode inode, int descriptor, in Statx status)
    {
        ContentPiece piece = default;
        for (long at = 0; !piece.ReachesEnd; at += piece.Bytes)
        {
            if (!_recorder.AwaitRoom())
                throw new Core.SafeKitException($"{_root.Path}: the connection ended while a file that got its first name was sent");
            piece = AppendContent(inode, descriptor, status, at, (long)status.Size - at, OperationFlags.None);
        }
    }

    /// <summary>Where data begins in a range; its end where there is none.</summary>
    private long DataFrom(int descriptor, long offset, long end)
    {
        long data = LibC.lseek(descriptor, offset, LibC.SEEK_DATA);
        if (data < 0 && Errno.Last != Errno.ENXIO)
            throw Unreadable("lseek", Errno.Last);
        return data < 0 ? end : Math.Min(data, end);
    }

    /// <summary>Where the data ends that begins here.</summary>
    private long HoleFrom(int descriptor, long offset, long end)
    {
        long hole = LibC.lseek(descriptor, offset, LibC.SEEK_HOLE);
        if (hole < 0 && Errno.Last != Errno.ENXIO)
            throw Unreadable("lseek", Errno.Last);
        return hole < 0 ? end : Math.Min(hole, end);
    }

    private void AppendSize(Inode inode, in Statx status, OperationFlags flags)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.SetAttributes, Index, inode.Number);
        header.Flags = flags;
        header.Argument = (uint)AttributeMask.Size;
        header.MtimeNs = status.MtimeNs;
        header.Length = (long)status.Size;
        AppendContentChange(inode, ref header, []);
    }

    private void AppendHole(Inode inode, in Statx status, long offset, long length, OperationFlags flags)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Hole, Index, inode.Number);
        header.Flags = flags;
        header.MtimeNs = status.MtimeNs;
        header.Offset = offset;
        header.Length = length;
        AppendContentChange(inode, ref header, []);
    }

    private void AppendData(Inode inode, int descriptor, in Statx status, long offset, long end, OperationFlags flags)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(PieceBytesMax);
        try
        {
            for (int read; offset < end && (read = ReadPiece(descriptor, room, offset, end - offset)) > 0; offset += read)
            {
                OperationHeader header = OperationHeader.Of(OperationKind.Write, Index, inode.Number);
                header.Flags = flags;
                header.MtimeNs = status.MtimeNs;
                header.Offset = offset;
                header.Length = read;
                AppendContentChange(inode, ref header, room.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    private int ReadPiece(int descriptor, byte[] room, long offset, long bytes)
    {
        fixed (byte* target = room)
        {
            nint read = LibC.pread(descriptor, target, (nuint)Math.Min(bytes, PieceBytesMax), offset);
            return read >= 0 ? (int)read : throw Unreadable("pread", Errno.Last);
        }
    }
}
