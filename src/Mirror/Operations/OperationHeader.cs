using System.Numerics;
using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Operations;

/// <summary>
/// The fixed part of every operation, in the journal and on the network; Name, OtherName and Data follow it, in that order and
/// without padding. Little-endian, as every machine that .NET runs on. <see cref="OperationKind"/> says which fields count.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct OperationHeader
{
    /// <summary>Largest operation: a write of 1 MiB, with room for header and names.</summary>
    public const int BytesMax = (1 << 20) + (64 << 10);

    /// <summary>The modification time is not known, or has not changed.</summary>
    public const long NoTime = long.MinValue;

    public static readonly int Size = Marshal.SizeOf<OperationHeader>();

    /// <summary>Length of the whole operation in bytes, this header included.</summary>
    public uint Bytes;

    /// <summary>CRC-32C of everything after this field.</summary>
    public uint Checksum;

    public OperationKind Kind;

    /// <summary>Which replicated directory of the module, counted from 0 in the order of the configuration.</summary>
    public byte Tree;

    public OperationFlags Flags;

    public uint Argument;
    public ulong Sequence;

    /// <summary>Inode number on the primary; <see cref="FileId.Root"/> is the replicated directory itself; 0: none.</summary>
    public ulong File;

    /// <summary>Modification time of File after the operation, nanoseconds since 1970, or <see cref="NoTime"/>.</summary>
    public long MtimeNs;

    public ulong Parent;
    public long ParentMtimeNs;
    public ulong OtherParent;
    public long OtherParentMtimeNs;
    public ulong OtherFile;
    public uint Mode;
    public uint UserId;
    public uint GroupId;

    /// <summary>Device number of a special file, as makedev(3) packs it.</summary>
    public uint Device;

    public long Offset;
    public long Length;
    public ushort NameBytes;
    public ushort OtherNameBytes;
    public uint DataBytes;

    /// <summary>A header in which no modification time is known.</summary>
    public static OperationHeader Of(OperationKind kind, byte tree, ulong file) => new()
    {
        Kind = kind,
        Tree = tree,
        File = file,
        MtimeNs = NoTime,
        ParentMtimeNs = NoTime,
        OtherParentMtimeNs = NoTime,
    };

    /// <summary>Fills in lengths and checksum and writes the whole operation to <paramref name="target"/>, which holds <see cref="Bytes"/>
    /// bytes or more.</summary>
    public static int Write(
        ref OperationHeader header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName, ReadOnlySpan<byte> data, Span<byte> target)
    {
        header.NameBytes = (ushort)name.Length;
        header.OtherNameBytes = (ushort)otherName.Length;
        header.DataBytes = (uint)data.Length;
        header.Bytes = (uint)(Size + name.Length + otherName.Length + data.Length);
        MemoryMarshal.Write(target, in header);
        Span<byte> rest = target[Size..];
        name.CopyTo(rest);
        otherName.CopyTo(rest[name.Length..]);
        data.CopyTo(rest[(name.Length + otherName.Length)..]);
        header.Checksum = ChecksumOf(target[..(int)header.Bytes]);
        MemoryMarshal.Write(target[4..], in header.Checksum);
        return (int)header.Bytes;
    }

    /// <summary>CRC-32C of a whole operation: everything after the fields Bytes and Checksum, with Bytes as the seed.</summary>
    public static uint ChecksumOf(ReadOnlySpan<byte> operation)
    {
        uint crc = BitOperations.Crc32C(~0u, MemoryMarshal.Read<uint>(operation));
        ReadOnlySpan<byte> rest = operation[8..];
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(rest);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte single in rest[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, single);
        return ~crc;
    }
}
