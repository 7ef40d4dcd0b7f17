using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SafeKit.Core.Wire;

/// <summary>One life of one sender: its cipher and which of its counters were seen. Owns the cipher.</summary>
internal sealed class SenderLife(ulong incarnation, AesGcm cipher) : IDisposable
{
    /// <summary>How far a frame may be overtaken by others of its sender and still be let in.</summary>
    private const int WindowFrames = 4096;

    private readonly ulong[] _seen = new ulong[WindowFrames / 64];
    private ulong _highest;

    public ulong Incarnation => incarnation;

    /// <summary>Takes every counter up to this one for seen.</summary>
    public void SkipTo(ulong counter)
    {
        _seen.AsSpan().Fill(ulong.MaxValue);
        _highest = counter;
    }

    public bool HasSeen(ulong counter)
    {
        if (counter > _highest)
            return false;
        return _highest - counter >= WindowFrames || (Word(counter) >> (int)(counter % 64) & 1) != 0;
    }

    public void Remember(ulong counter)
    {
        if (counter > _highest)
        {
            ulong passed = Math.Min(counter - _highest, WindowFrames);
            for (ulong i = 0; i < passed; i++)
                Word(counter - i) &= ~(1UL << (int)((counter - i) % 64));
            _highest = counter;
        }

        Word(counter) |= 1UL << (int)(counter % 64);
    }

    public bool TryDecrypt(ReadOnlySpan<byte> frame, ulong counter, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[SealedFrame.NonceBytes];
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, counter);
        try
        {
            cipher.Decrypt(
                nonce,
                frame.Slice(SealedFrame.HeaderBytes, plain.Length),
                frame[^SealedFrame.TagBytes..],
                plain,
                frame[..SealedFrame.HeaderBytes]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => cipher.Dispose();

    private ref ulong Word(ulong counter) => ref _seen[counter / 64 % (WindowFrames / 64)];
}
