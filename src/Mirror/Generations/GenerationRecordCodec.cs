using System.Runtime.CompilerServices;
using SafeKit.Core.Wire;

namespace SafeKit.Mirror.Generations;

/// <summary>
/// A record in few bytes, for heartbeats: version (1), standing and <c>WasPrimary</c> (1), current chapter (16), epoch (8), applied sequence (8), number of chapters (1), and
/// these, newest first. Older chapters than the newest <see cref="ChaptersMax"/> are left out.
/// </summary>
public static class GenerationRecordCodec
{
    public const int ChaptersMax = 8;
    public const int BytesMax = FixedBytes + (ChaptersMax * ChapterBytes);

    private const byte Version = 1;
    private const int ChapterBytes = 16;
    private const int FixedBytes = 1 + 1 + ChapterBytes + 8 + 8 + 1;
    private const byte WasPrimaryBit = 0x80;

    /// <param name="target">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(GenerationRecord record, Span<byte> target)
    {
        var writer = new WireWriter(target);
        int chapters = Math.Min(record.History.Count, ChaptersMax);
        writer.Byte(Version);
        writer.Byte((byte)((byte)record.Standing | (record.WasPrimary ? WasPrimaryBit : 0)));
        WriteChapter(ref writer, record.Current);
        writer.UInt64(record.Epoch);
        writer.UInt64(record.AppliedSequence);
        writer.Byte((byte)chapters);
        for (int i = 0; i < chapters; i++)
            WriteChapter(ref writer, record.History[i]);
        return writer.Position;
    }

    /// <summary>False for anything but exactly one record of this version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out GenerationRecord record)
    {
        record = GenerationRecord.Empty;
        var reader = new WireReader(bytes);
        byte version = reader.Byte();
        byte standing = reader.Byte();
        Guid current = ReadChapter(ref reader);
        ulong epoch = reader.UInt64();
        ulong sequence = reader.UInt64();
        int chapters = reader.Byte();
        if (reader.Failed || version != Version || chapters > ChaptersMax || reader.Remaining != chapters * ChapterBytes)
            return false;
        var known = (DataStanding)(standing & ~WasPrimaryBit);
        if (!Enum.IsDefined(known))
            return false;
        var history = new Guid[chapters];
        for (int i = 0; i < chapters; i++)
            history[i] = ReadChapter(ref reader);
        record = new GenerationRecord(current, history, known, (standing & WasPrimaryBit) != 0, epoch, sequence);
        return true;
    }

    private static void WriteChapter(ref WireWriter writer, Guid chapter) => writer.UInt128(Unsafe.BitCast<Guid, UInt128>(chapter));

    private static Guid ReadChapter(ref WireReader reader) => Unsafe.BitCast<UInt128, Guid>(reader.UInt128());
}
