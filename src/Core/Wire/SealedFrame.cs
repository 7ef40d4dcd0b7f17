using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SafeKit.Core.Wire;

/// <summary>
/// Layout and keys of an authenticated, encrypted datagram: version, sender, incarnation, counter (all associated data),
/// ciphertext, tag. Every life of every sender has a key of its own, so the counter alone is a nonce that never repeats.
/// </summary>
public static class SealedFrame
{
    public const byte Version = 1;
    public const int KeyBytes = 32;
    public const int HeaderBytes = 18;
    public const int TagBytes = 16;
    public const int OverheadBytes = HeaderBytes + TagBytes;

    internal const int NonceBytes = 12;
    internal const int SenderOffset = 1;
    internal const int IncarnationOffset = 2;
    internal const int CounterOffset = 10;

    /// <summary>The key of one purpose, such as <c>farm/web</c>: modules cannot read or forge each other's frames.</summary>
    public static byte[] PurposeKey(ReadOnlySpan<byte> clusterKey, string purpose)
    {
        Invariant.That(clusterKey.Length == KeyBytes, "a cluster key has 32 bytes");
        byte[] key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterKey, key, [], Encoding.UTF8.GetBytes(purpose));
        return key;
    }

    /// <summary>Of a frame that is at least as long as its header.</summary>
    public static ulong IncarnationOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt64LittleEndian(frame[IncarnationOffset..]);

    /// <inheritdoc cref="IncarnationOf"/>
    public static ulong CounterOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt64LittleEndian(frame[CounterOffset..]);

    internal static AesGcm CipherOf(ReadOnlySpan<byte> purposeKey, NodeId sender, ulong incarnation)
    {
        Span<byte> info = stackalloc byte[9];
        info[0] = sender.Index;
        BinaryPrimitives.WriteUInt64LittleEndian(info[1..], incarnation);
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, purposeKey, key, [], info);
        var cipher = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}
