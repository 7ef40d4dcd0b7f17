using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>Content of files.</summary>
internal sealed unsafe partial class ReplayTree
{
    private const int BufferBytes = 1 << 20;

    /// <summary>No survey compares a larger range at once.</summary>
    private const long DigestBytesMax = 1L << 30;

    private static readonly byte[] _digestOfZeros = SHA256.HashData(new byte[BufferBytes]);

    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferBytes);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Write(in Operation operation)
    {
        CheckRange(operation.Header.Offset, operation.Data.Length);
        int descriptor = RegularDescriptor(operation.Header.File);
        fixed (byte* data = operation.Data)
            WriteAll(operation.Header.File, descriptor, data, operation.Data.Length, operation.Header.Offset);
    }

    public void Allocate(in OperationHeader header)
    {
        CheckRange(header.Offset, header.Length);
        int descriptor = RegularDescriptor(header.File);
        int mode = (int)header.Argument;
        int errno = LibC.fallocate(descriptor, mode, header.Offset, header.Length) == 0 ? 0 : Errno.Last;
        if (errno == Errno.EOPNOTSUPP)
            Imitate(header, descriptor, mode);
        else if (errno != 0)
            throw Failed("fallocate", header.File, errno);
        HasChanged = true;
    }

    public void MakeHole(in OperationHeader header)
    {
        CheckRange(header.Offset, header.Length);
        int descriptor = RegularDescriptor(header.File);
        if (header.Length == 0)
            return;
        const int punch = LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE;
        int errno = LibC.fallocate(descriptor, punch, header.Offset, header.Length) == 0 ? 0 : Errno.Last;
        if (errno == Errno.EOPNOTSUPP)
            WriteZeros(header, descriptor);
        else if (errno != 0)
            throw Failed("fallocate", header.File, errno);
        HasChanged = true;
    }

    /// <summary>
    /// Whether the range has the digest of the operation, over as many bytes as the file has there; without a digest: whether it is nothing but
    /// zeros, as the hole that it is on the primary.
    /// </summary>
    public bool HasDigest(in Operation operation)
    {
        OperationHeader header = operation.Header;
        CheckRange(header.Offset, header.Length);
        if (header.Length > DigestBytesMax || operation.Data.Length is not (0 or SHA256.HashSizeInBytes))
            throw new ReplayException($"a digest of {operation.Data.Length} bytes over {header.Length}");
        int descriptor = RegularDescriptor(header.File);

        // What is compared is what the disk has: where it once refused to keep something (EIO), memory may show it still.
        if (header.Offset == 0)
            _ = LibC.posix_fadvise(descriptor, 0, 0, LibC.POSIX_FADV_DONTNEED);
        long end = header.Offset + header.Length;
        return operation.Data.IsEmpty ? IsZero(header, descriptor, end) : HasDigest(operation, descriptor, end);
    }

    private bool HasDigest(in Operation operation, int descriptor, long end)
    {
        OperationHeader header = operation.Header;

        // A node that is filled for the first time has holes only: they need not be read, nor digested again and again.
        if (header.Length == BufferBytes && (long)StatOf(descriptor).Size >= end && DataFrom(header.File, descriptor, header.Offset) >= end)
            return operation.Data.SequenceEqual(_digestOfZeros);
        int read;
        for (long position = header.Offset; position < end && (read = ReadPiece(header.File, descriptor, position, end)) > 0; position += read)
            _hash.AppendData(new ReadOnlySpan<byte>(_buffer, read));
        Span<byte> own = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(own);
        return own.SequenceEqual(operation.Data);
    }

    /// <summary>Holes are not read.</summary>
    private bool IsZero(in OperationHeader header, int descriptor, long end)
    {
        for (long position = header.Offset; position < end;)
        {
            long data = DataFrom(header.File, descriptor, position);
            if (data >= end)
                return true;
            int read = ReadPiece(header.File, descriptor, data, end);
            if (new ReadOnlySpan<byte>(_buffer, read).ContainsAnyExcept((byte)0))
                return false;
            if (read == 0)
                return true;
            position = data + read;
        }

        return true;
    }

    /// <summary>Where data begins at or behind a position; <see cref="long.MaxValue"/> where there is none.</summary>
    private long DataFrom(ulong id, int descriptor, long position)
    {
        long data = LibC.lseek(descriptor, position, LibC.SEEK_DATA);
        if (data < 0 && Errno.Last != Errno.ENXIO)
            throw Failed("lseek", id, Errno.Last);
        return data < 0 ? long.MaxValue : data;
    }

    private int ReadPiece(ulong id, int descriptor, long position, long end)
    {
        while (true)
        {
            nint read = LibC.pread(descriptor, _buffer, (nuint)Math.Min(BufferBytes, end - position), position);
            if (read >= 0)
                return (int)read;
            if (Errno.Last != Errno.EINTR)
                throw Failed("read", id, Errno.Last);
        }
    }

    private static void CheckRange(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > long.MaxValue - length)
            throw new ReplayException($"a range of {length} bytes from {offset}");
    }

    private void WriteAll(ulong id, int descriptor, byte* data, long length, long offset)
    {
        while (length > 0)
        {
            nint written = LibC.pwrite(descriptor, data, (nuint)length, offset);
            if (written < 0 && Errno.Last == Errno.EINTR)
                continue;
            if (written <= 0)
                throw Failed("write", id, written < 0 ? Errno.Last : Errno.EIO);
            HasChanged = true;
            data += written;
            offset += written;
            length -= written;
        }
    }

    /// <summary>This file system cannot do what the primary's could: the same content and size by other means, if there are any.</summary>
    private void Imitate(in OperationHeader header, int descriptor, int mode)
    {
        bool keepsSize = (mode & LibC.FALLOC_FL_KEEP_SIZE) != 0;
        bool zeroes = (mode & (LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_ZERO_RANGE)) != 0;
        int shifts = mode & (LibC.FALLOC_FL_COLLAPSE_RANGE | LibC.FALLOC_FL_INSERT_RANGE);
        if (shifts != 0)
            throw Failed("fallocate", header.File, Errno.EOPNOTSUPP);
        if (zeroes)
            WriteZeros(header, descriptor);
        long end = header.Offset + header.Length;
        if (!keepsSize && end > (long)StatOf(descriptor).Size)
            SetSize(header.File, end);
    }

    /// <summary>Zeros over what the file has of the range; it does not grow.</summary>
    private void WriteZeros(in OperationHeader header, int descriptor)
    {
        long end = Math.Min(header.Offset + header.Length, (long)StatOf(descriptor).Size);
        new Span<byte>(_buffer, BufferBytes).Clear();
        for (long position = header.Offset; position < end; position += BufferBytes)
            WriteAll(header.File, descriptor, _buffer, Math.Min(BufferBytes, end - position), position);
    }

    private void DisposeBuffers()
    {
        NativeMemory.Free(_buffer);
        _hash.Dispose();
    }
}
