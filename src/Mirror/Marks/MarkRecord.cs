using System.Buffers.Binary;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Marks;

/// <summary>One record of the mark log: kind (1), tree (1), bytes of the path (2), start (8), end (8), path; little-endian.</summary>
/// <param name="Path">Relative to the replicated directory, without a slash at either end; empty: the directory itself.</param>
internal readonly record struct MarkRecord(MarkKind Kind, byte Tree, byte[] Path, long Start = 0, long End = 0)
{
    /// <summary>Longer ones are not marked: as text of an answer they would not fit (<see cref="Stream.AnswerHeader.TextBytesMax"/>).</summary>
    public const int PathBytesMax = 1000;

    private const int FixedBytes = 4 + (2 * sizeof(long));

    public int Bytes => FixedBytes + Path.Length;

    public static MarkRecord Confirm(Checkpoint checkpoint) => new(MarkKind.Confirm, 0, [], (long)checkpoint.Epoch, (long)checkpoint.Sequence);

    public Checkpoint Checkpoint => new((ulong)Start, (ulong)End);

    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> target)
    {
        target[0] = (byte)Kind;
        target[1] = Tree;
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)Path.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[4..], Start);
        BinaryPrimitives.WriteInt64LittleEndian(target[12..], End);
        Path.CopyTo(target[FixedBytes..]);
        return Bytes;
    }

    /// <summary>False where the bytes end before the record does.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MarkRecord record)
    {
        record = default;
        if (bytes.Length < FixedBytes)
            return false;
        int pathBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if (bytes.Length < FixedBytes + pathBytes)
            return false;
        record = new MarkRecord(
            (MarkKind)bytes[0],
            bytes[1],
            bytes.Slice(FixedBytes, pathBytes).ToArray(),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]));
        return true;
    }
}
