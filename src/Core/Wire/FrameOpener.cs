using System.Security.Cryptography;

namespace SafeKit.Core.Wire;

/// <summary>
/// Opens frames of all senders and lets each through once. Owns its ciphers. One thread. The steady state does not allocate;
/// a frame of a life not met yet costs a key derivation, and only an authentic one is remembered.
/// </summary>
public sealed class FrameOpener : IDisposable
{
    private readonly byte[] _purposeKey;
    private readonly SenderLife?[] _lives;

    public FrameOpener(ReadOnlySpan<byte> purposeKey, int nodeCount)
    {
        _purposeKey = purposeKey.ToArray();
        _lives = new SenderLife?[nodeCount];
    }

    /// <summary>
    /// A predecessor has let in the frames of this life up to this counter: none of them comes in again, nor one of an earlier life.
    /// </summary>
    public void Resume(NodeId sender, ulong incarnation, ulong counter)
    {
        var life = new SenderLife(incarnation, SealedFrame.CipherOf(_purposeKey, sender, incarnation));
        life.SkipTo(counter);
        _lives[sender.Index]?.Dispose();
        _lives[sender.Index] = life;
    }

    /// <param name="plain">At least as long as the frame.</param>
    public OpenVerdict Open(ReadOnlySpan<byte> frame, Span<byte> plain, out NodeId sender, out int plainBytes)
    {
        sender = default;
        plainBytes = 0;
        if (frame.Length <= SealedFrame.OverheadBytes || frame[0] != SealedFrame.Version
            || frame[SealedFrame.SenderOffset] >= _lives.Length)
            return OpenVerdict.Malformed;

        sender = new NodeId(frame[SealedFrame.SenderOffset]);
        ulong incarnation = SealedFrame.IncarnationOf(frame);
        ulong counter = SealedFrame.CounterOf(frame);
        SenderLife? known = _lives[sender.Index];
        if (known is not null && (incarnation < known.Incarnation || (incarnation == known.Incarnation && known.HasSeen(counter))))
            return OpenVerdict.Repeated;

        SenderLife life = known?.Incarnation == incarnation
            ? known
            : new SenderLife(incarnation, SealedFrame.CipherOf(_purposeKey, sender, incarnation));
        plainBytes = frame.Length - SealedFrame.OverheadBytes;
        if (!life.TryDecrypt(frame, counter, plain[..plainBytes]))
        {
            if (life != known)
                life.Dispose();
            plainBytes = 0;
            return OpenVerdict.Forged;
        }

        if (life != known)
        {
            known?.Dispose();
            _lives[sender.Index] = life;
        }

        life.Remember(counter);
        return OpenVerdict.Opened;
    }

    public void Dispose()
    {
        foreach (SenderLife? life in _lives)
            life?.Dispose();
        CryptographicOperations.ZeroMemory(_purposeKey);
    }
}
