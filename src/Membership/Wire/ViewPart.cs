using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>One datagram's worth of an encoded view, or of a difference between two. A change among three nodes is usually one part.</summary>
public readonly ref struct ViewPart
{
    public const int HeaderBytes = WireVersion.PrefixBytes + ViewId.Size + 2 + 2 + 4 + 8;

    /// <summary>With the header and the seal around it a part still fits <see cref="Limits.DatagramBytesMax"/>.</summary>
    public const int PayloadBytesMax = 1200;

    /// <summary>Largest encoded view: 64 groups in which every bucket is a run of its own, all sets of former holders, the members.</summary>
    public const int ViewBytesMax = (Limits.GroupsMax * ((Limits.BucketsPerGroup * ViewCodec.RunBytes) + 2))
        + (ViewCodec.SetsMax * ViewCodec.SetBytes) + 4096;

    public NodeId Sender { get; init; }

    public ulong Incarnation { get; init; }

    public ViewId View { get; init; }

    /// <summary>The parts make a <see cref="ViewDifference"/>, not a whole view.</summary>
    public bool IsDifference { get; init; }

    public ushort Index { get; init; }

    public ushort Count { get; init; }

    public uint ViewBytes { get; init; }

    /// <summary>Of the whole encoded view: parts of different encodings are never put together.</summary>
    public ulong Digest { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public int Size => HeaderBytes + Payload.Length;

    public static int CountFor(int viewBytes) => (viewBytes + PayloadBytesMax - 1) / PayloadBytesMax;

    public void Format(Span<byte> target)
    {
        var writer = new WireWriter(target);
        writer.Byte(WireVersion.Current);
        writer.Byte((byte)(IsDifference ? FrameKind.ViewDifferencePart : FrameKind.ViewPart));
        writer.Byte(Sender.Index);
        writer.UInt64(Incarnation);
        View.Format(ref writer);
        writer.UInt16(Index);
        writer.UInt16(Count);
        writer.UInt32(ViewBytes);
        writer.UInt64(Digest);
        writer.Bytes(Payload);
    }

    public static bool TryParse(ReadOnlySpan<byte> frame, out ViewPart part)
    {
        part = default;
        var reader = new WireReader(frame);
        if (reader.Byte() != WireVersion.Current)
            return false;
        var kind = (FrameKind)reader.Byte();
        if (kind is not (FrameKind.ViewPart or FrameKind.ViewDifferencePart))
            return false;
        part = new ViewPart
        {
            Sender = new NodeId(reader.Byte()),
            Incarnation = reader.UInt64(),
            View = ViewId.Parse(ref reader),
            IsDifference = kind == FrameKind.ViewDifferencePart,
            Index = reader.UInt16(),
            Count = reader.UInt16(),
            ViewBytes = reader.UInt32(),
            Digest = reader.UInt64(),
            Payload = reader.Bytes(reader.Remaining),
        };
        if (reader.Failed || part.ViewBytes is 0 or > ViewBytesMax || part.Index >= part.Count)
            return false;
        int expected = part.Index == part.Count - 1
            ? (int)part.ViewBytes - (part.Index * PayloadBytesMax)
            : PayloadBytesMax;
        return part.Count == CountFor((int)part.ViewBytes) && part.Payload.Length == expected
            && part.View.Counter is > 0 and <= ViewId.CounterMax;
    }
}
