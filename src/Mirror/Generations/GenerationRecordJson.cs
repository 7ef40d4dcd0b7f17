using System.Text.Json;

namespace SafeKit.Mirror.Generations;

/// <summary>A record as JSON: on disk, in the handshake and in <see cref="Operations.OperationKind.ReintegrationEnd"/>.</summary>
public static class GenerationRecordJson
{
    /// <summary>No record that this program writes is longer.</summary>
    public const int BytesMax = 4096;

    public static byte[] Write(GenerationRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, GenerationJsonContext.Default.GenerationRecord);

    /// <summary>False for anything that is not exactly a record: the bytes may come from a damaged disk or from the network.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out GenerationRecord record)
    {
        record = GenerationRecord.Empty;
        if (json.Length > BytesMax)
            return false;
        try
        {
            GenerationRecord? read = JsonSerializer.Deserialize(json, GenerationJsonContext.Default.GenerationRecord);
            if (read is null || !IsWithinBounds(read))
                return false;
            record = read;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    internal static bool IsWithinBounds(GenerationRecord record) =>
        record.History.Count <= GenerationRecord.HistoryMax && Enum.IsDefined(record.Standing);
}
