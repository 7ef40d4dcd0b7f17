namespace SafeKit.Membership;

/// <summary>A view in the encodings in which it is sent, each made once: whole, and as difference to views that receivers hold.</summary>
internal sealed class OutgoingView(View view)
{
    private readonly List<(ViewId Base, EncodedView Encoded)> _differences = [];
    private EncodedView? _whole;

    public View View { get; } = view;

    public EncodedView Whole => _whole ??= new EncodedView(View.Encoded, ViewCodec.Digest(View.Encoded), IsDifference: false);

    /// <summary>For who holds <paramref name="held"/>: the difference, unless the whole is not larger.</summary>
    public EncodedView ForHolderOf(View held)
    {
        foreach ((ViewId id, EncodedView encoded) in _differences)
        {
            if (id == held.Id)
                return encoded;
        }

        byte[]? bytes = ViewDifference.Encode(held, View);
        EncodedView chosen = bytes is null || bytes.Length >= Whole.Bytes.Length
            ? Whole
            : new EncodedView(bytes, ViewCodec.Digest(bytes), IsDifference: true);
        _differences.Add((held.Id, chosen));
        return chosen;
    }
}
