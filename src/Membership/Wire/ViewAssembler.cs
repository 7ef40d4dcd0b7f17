namespace SafeKit.Membership;

/// <summary>Puts the parts of one encoded view together, in any order, each once. Only the newest view of a leader is collected.</summary>
internal sealed class ViewAssembler
{
    private byte[] _bytes = [];
    private bool[] _received = [];
    private ulong _digest;
    private bool _isDifference;

    public ViewId View { get; private set; }

    /// <summary>Parts received without a gap from the first on: what the leader need not send again.</summary>
    public int PartsHeld { get; private set; }

    public bool Complete => _received.Length > 0 && PartsHeld == _received.Length;

    /// <summary>The bytes once <see cref="Add"/> has said that they are all there.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether this was the last part that was missing, and the bytes are what their sender has cut into parts.</summary>
    public bool Add(in ViewPart part)
    {
        bool begun = part.View == View && part.IsDifference == _isDifference && part.Digest == _digest && part.ViewBytes == _bytes.Length;
        if (!begun)
            Begin(part);
        if (_received[part.Index])
            return false;
        part.Payload.CopyTo(_bytes.AsSpan(part.Index * ViewPart.PayloadBytesMax));
        _received[part.Index] = true;
        while (PartsHeld < _received.Length && _received[PartsHeld])
            PartsHeld++;
        return Complete && ViewCodec.Digest(_bytes) == _digest;
    }

    /// <summary>Nothing is held: whatever comes next begins anew.</summary>
    public void Forget()
    {
        _bytes = [];
        _received = [];
        PartsHeld = 0;
    }

    private void Begin(in ViewPart part)
    {
        View = part.View;
        _digest = part.Digest;
        _isDifference = part.IsDifference;
        _bytes = new byte[part.ViewBytes];
        _received = new bool[part.Count];
        PartsHeld = 0;
    }
}
