using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// Says that a journal was closed in good order and belongs to the data as it is. It is removed durably before the first change of a new run: after a crash there is none, the
/// journal is not trusted, and the other node is surveyed.
/// </summary>
/// <param name="Epoch">Epoch of the operations in the journal.</param>
/// <param name="BaseEpoch">With <paramref name="BaseSequence"/>: the position of the data from which the journal starts, where it starts with the epoch; 0: unknown.</param>
/// <param name="FirstSequence">First operation that the journal holds.</param>
/// <param name="LastSequence">Last operation that was numbered.</param>
/// <param name="Bytes">Length of the journal.</param>
/// <param name="Chapter">Chapter of the generation record that was written with it: another one means that the data has gone on without the journal.</param>
internal sealed record JournalMarker(
    ulong Epoch, ulong BaseEpoch, ulong BaseSequence, ulong FirstSequence, ulong LastSequence, long Bytes, Guid Chapter)
{
    private const int FieldBytes = (6 * sizeof(ulong)) + 16;
    private const int WholeBytes = FieldBytes + SHA256.HashSizeInBytes;

    public byte[] Write()
    {
        byte[] whole = new byte[WholeBytes];
        ulong[] numbers = [Epoch, BaseEpoch, BaseSequence, FirstSequence, LastSequence, (ulong)Bytes];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(whole.AsSpan(i * sizeof(ulong)), numbers[i]);
        Chapter.TryWriteBytes(whole.AsSpan(numbers.Length * sizeof(ulong)));
        SHA256.HashData(whole.AsSpan(0, FieldBytes), whole.AsSpan(FieldBytes));
        return whole;
    }

    /// <summary>Null for anything that is not exactly a marker.</summary>
    public static JournalMarker? TryRead(ReadOnlySpan<byte> whole)
    {
        if (whole.Length != WholeBytes || !SHA256.HashData(whole[..FieldBytes]).AsSpan().SequenceEqual(whole[FieldBytes..]))
            return null;
        return new JournalMarker(
            NumberAt(whole, 0),
            NumberAt(whole, 1),
            NumberAt(whole, 2),
            NumberAt(whole, 3),
            NumberAt(whole, 4),
            (long)NumberAt(whole, 5),
            new Guid(whole[(6 * sizeof(ulong))..FieldBytes]));
    }

    private static ulong NumberAt(ReadOnlySpan<byte> whole, int index) => BinaryPrimitives.ReadUInt64LittleEndian(whole[(index * sizeof(ulong))..]);
}
