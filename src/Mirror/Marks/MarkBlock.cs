using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SafeKit.Mirror.Marks;

/// <summary>
/// A sector of the mark log: magic (4), bytes used (2), zero (2), index in its epoch (4), zero (4), identity of the log (8), epoch (8), half a
/// SHA-256 of all the rest (16), then part of the stream of records; little-endian. A disk writes all of a sector or nothing.
/// </summary>
internal static class MarkBlock
{
    public const int Bytes = 512;
    public const int PayloadMax = Bytes - HeadBytes;

    private const uint Magic = 0x4B52_4D53;
    private const int SumOffset = 32;
    private const int SumBytes = 16;
    private const int HeadBytes = SumOffset + SumBytes;

    internal enum Sight
    {
        /// <summary>Nothing was ever written there.</summary>
        Empty,
        Sound,
        Damaged,
    }

    public static void Write(Span<byte> block, in MarkBlockHead head, ReadOnlySpan<byte> payload)
    {
        block[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(block, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(block[4..], (ushort)payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], head.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(block[16..], head.Log);
        BinaryPrimitives.WriteInt64LittleEndian(block[24..], head.Epoch);
        payload.CopyTo(block[HeadBytes..]);
        Sum(block, block.Slice(SumOffset, SumBytes));
    }

    public static Sight Read(ReadOnlySpan<byte> block, out MarkBlockHead head, out ReadOnlySpan<byte> payload)
    {
        head = default;
        payload = default;
        if (!block.ContainsAnyExcept((byte)0))
            return Sight.Empty;
        Span<byte> sum = stackalloc byte[SumBytes];
        Sum(block, sum);
        int used = BinaryPrimitives.ReadUInt16LittleEndian(block[4..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(block) != Magic || used > PayloadMax || !sum.SequenceEqual(block.Slice(SumOffset, SumBytes)))
            return Sight.Damaged;
        head = new MarkBlockHead(
            BinaryPrimitives.ReadUInt64LittleEndian(block[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(block[8..]));
        payload = block.Slice(HeadBytes, used);
        return Sight.Sound;
    }

    private static void Sum(ReadOnlySpan<byte> block, Span<byte> sum)
    {
        Span<byte> covered = stackalloc byte[Bytes - SumBytes];
        block[..SumOffset].CopyTo(covered);
        block[HeadBytes..Bytes].CopyTo(covered[SumOffset..]);
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(covered, whole);
        whole[..SumBytes].CopyTo(sum);
    }
}
