using System.Buffers.Binary;
using System.Security.Cryptography;
using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// The last checkpoint of a secondary, durable: epoch (8), sequence (8), SHA-256 of both (32), little-endian. Anything else is no checkpoint, and
/// costs a survey.
/// </summary>
internal static class CheckpointFile
{
    public const string Name = "checkpoint";

    private const int FieldBytes = 2 * sizeof(ulong);

    /// <summary>None where there is none that can be believed.</summary>
    public static Checkpoint Read(string folder)
    {
        try
        {
            byte[] whole = File.ReadAllBytes(Path.Combine(folder, Name));
            bool isSound = whole.Length == FieldBytes + SHA256.HashSizeInBytes
                && SHA256.HashData(whole.AsSpan(0, FieldBytes)).AsSpan().SequenceEqual(whole.AsSpan(FieldBytes));
            return isSound
                ? new Checkpoint(BinaryPrimitives.ReadUInt64LittleEndian(whole), BinaryPrimitives.ReadUInt64LittleEndian(whole.AsSpan(sizeof(ulong))))
                : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    /// <exception cref="Core.SafeKitException">The disk refused.</exception>
    public static void Write(string folder, Checkpoint checkpoint)
    {
        byte[] whole = new byte[FieldBytes + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(whole, checkpoint.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(whole.AsSpan(sizeof(ulong)), checkpoint.Sequence);
        SHA256.HashData(whole.AsSpan(0, FieldBytes), whole.AsSpan(FieldBytes));
        DurableFile.Replace(Path.Combine(folder, Name), whole);
    }

    /// <summary>Durably: the data is about to be changed by something that the primary does not mark.</summary>
    /// <exception cref="Core.SafeKitException">The disk refused.</exception>
    public static void Remove(string folder) => DurableFile.Remove(Path.Combine(folder, Name));
}
