namespace SafeKit.Membership;

/// <summary>Puts the parts of one view together, in any order, each once. Only the newest view of a leader is collected.</summary>
internal sealed class ViewAssembler
{
    private byte[] _bytes = [];
    private bool[] _received = [];
    private ulong _digest;

    public ViewId View { get; private set; }

    /// <summary>Parts received without a gap from the first on: what the leader need not send again.</summary>
    public int PartsHeld { get; private set; }

    public bool Complete => _received.Length > 0 && PartsHeld == _received.Length;

    /// <summary>The whole view once its last part is in; null before, or if it is malformed.</summary>
    public View? Add(in ViewPart part)
    {
        if (part.View != View || part.Digest != _digest || part.ViewBytes != _bytes.Length)
            Begin(part);
        if (_received[part.Index])
            return null;
        part.Payload.CopyTo(_bytes.AsSpan(part.Index * ViewPart.PayloadBytesMax));
        _received[part.Index] = true;
        while (PartsHeld < _received.Length && _received[PartsHeld])
            PartsHeld++;
        if (!Complete || ViewCodec.Digest(_bytes) != _digest)
            return null;
        View? view = ViewCodec.Decode(_bytes);
        return view?.Id == View ? view : null;
    }

    private void Begin(in ViewPart part)
    {
        View = part.View;
        _digest = part.Digest;
        _bytes = new byte[part.ViewBytes];
        _received = new bool[part.Count];
        PartsHeld = 0;
    }
}
