using System.Security.Cryptography;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Mirror.Generations;

/// <summary>
/// The record as a file: one line of JSON and one with its SHA-256. It is written aside, synced, renamed, and the folder synced, so that a crash at any
/// moment leaves the old one or the new one.
/// </summary>
public sealed class GenerationStore : IGenerationStore
{
    public const string FileName = "generation.json";

    private readonly string _folder;
    private readonly Lock _writing = new();
    private volatile GenerationRecord _current;

    private GenerationStore(string folder, GenerationRecord current, string? damage)
    {
        _folder = folder;
        _current = current;
        Damage = damage;
    }

    public GenerationRecord Current => _current;

    /// <summary>Why the record could not be read, for the log; the data counts as inconsistent then. Null: it was read, or there never was one.</summary>
    public string? Damage { get; }

    /// <summary>Reads what is there. Never throws for what the file holds: a record that cannot be trusted is no good record.</summary>
    /// <exception cref="SafeKitException">The folder cannot be created.</exception>
    public static GenerationStore Open(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SafeKitException($"{folder}: {e.Message}. The mirror keeps its record there; make it a folder that root can write.", e);
        }

        try
        {
            if (!File.Exists(path))
                return new GenerationStore(folder, GenerationRecord.Empty, null);
            return TryParse(ReadBounded(path), out GenerationRecord record)
                ? new GenerationStore(folder, record, null)
                : Damaged(folder, $"{path}: damaged, its checksum or content is wrong");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Damaged(folder, $"{path}: {e.Message}");
        }
    }

    public void Write(GenerationRecord record)
    {
        byte[] json = GenerationRecordJson.Write(record);
        byte[] content = [.. json, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(json))), (byte)'\n'];
        lock (_writing)
        {
            DurableFile.Replace(Path.Combine(_folder, FileName), content);
            _current = record;
        }
    }

    private static GenerationStore Damaged(string folder, string damage) => new(
        folder,
        GenerationRecord.Empty with { Standing = DataStanding.Inconsistent },
        $"{damage}. This node's data counts as inconsistent until it is synchronised, or declared good with safekit primforce.");

    private static byte[] ReadBounded(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] content = new byte[GenerationRecordJson.BytesMax + 128];
        int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content[..length];
    }

    private static bool TryParse(ReadOnlySpan<byte> content, out GenerationRecord record)
    {
        record = GenerationRecord.Empty;
        int end = content.IndexOf((byte)'\n');
        if (end < 0)
            return false;
        string checksum = Convert.ToHexStringLower(SHA256.HashData(content[..end]));
        return content[(end + 1)..].SequenceEqual(Encoding.ASCII.GetBytes(checksum + "\n"))
            && GenerationRecordJson.TryRead(content[..end], out record);
    }
}
