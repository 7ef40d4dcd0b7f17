using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SafeKit.Core.Wire;

/// <summary>
/// Seals the frames of this node's present life. Owns its cipher. One thread. The counter is the nonce: a process that goes on with a
/// life starts above every number that its predecessors can have used.
/// </summary>
public sealed class FrameSealer(ReadOnlySpan<byte> purposeKey, NodeId sender, ulong incarnation, ulong counter = 0) : IDisposable
{
    private readonly AesGcm _cipher = SealedFrame.CipherOf(purposeKey, sender, incarnation);
    private ulong _counter = counter;

    /// <summary>Writes the sealed frame and returns its length. The same sealed bytes may go out on several lans.</summary>
    public int Seal(ReadOnlySpan<byte> plain, Span<byte> target)
    {
        _counter++;
        Span<byte> header = target[..SealedFrame.HeaderBytes];
        header[0] = SealedFrame.Version;
        header[SealedFrame.SenderOffset] = sender.Index;
        BinaryPrimitives.WriteUInt64LittleEndian(header[SealedFrame.IncarnationOffset..], incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(header[SealedFrame.CounterOffset..], _counter);
        Span<byte> nonce = stackalloc byte[SealedFrame.NonceBytes];
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, _counter);
        Span<byte> body = target.Slice(SealedFrame.HeaderBytes, plain.Length);
        Span<byte> tag = target.Slice(SealedFrame.HeaderBytes + plain.Length, SealedFrame.TagBytes);
        _cipher.Encrypt(nonce, plain, body, tag, header);
        return plain.Length + SealedFrame.OverheadBytes;
    }

    public void Dispose() => _cipher.Dispose();
}
