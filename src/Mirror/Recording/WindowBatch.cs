namespace SafeKit.Mirror.Recording;

/// <summary>Whole operations that are to be sent; they stay where they are until <see cref="OperationWindow.Sent"/>.</summary>
internal readonly record struct WindowBatch(WindowSegment Segment, int Start, int End, ulong LastSequence)
{
    public ReadOnlySpan<byte> Bytes => Segment.Bytes(Start, End);
}
