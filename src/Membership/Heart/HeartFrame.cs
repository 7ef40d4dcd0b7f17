using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>The head of a heartbeat between the two nodes of a mirror; the module's content follows.</summary>
/// <param name="EchoIncarnation">Life of the newest heartbeat that the sender has heard; 0: none.</param>
/// <param name="EchoSequence">Its number.</param>
public readonly record struct HeartFrame(
    NodeId Sender,
    ulong Incarnation,
    ulong Sequence,
    ulong EchoIncarnation,
    ulong EchoSequence,
    HeartFrameFlags Flags)
{
    public const byte Version = 1;
    public const int HeaderBytes = 3 + (4 * sizeof(ulong)) + 1;

    public bool Has(HeartFrameFlags flag) => (Flags & flag) != 0;

    public void Format(Span<byte> target)
    {
        var writer = new WireWriter(target);
        writer.Byte(Version);
        writer.Byte((byte)FrameKind.Heart);
        writer.Byte(Sender.Index);
        writer.UInt64(Incarnation);
        writer.UInt64(Sequence);
        writer.UInt64(EchoIncarnation);
        writer.UInt64(EchoSequence);
        writer.Byte((byte)Flags);
        Invariant.That(writer.Position == HeaderBytes, "the head of a heartbeat has its fixed size");
    }

    public static bool TryParse(ReadOnlySpan<byte> frame, out HeartFrame head, out ReadOnlySpan<byte> content)
    {
        head = default;
        content = default;
        var reader = new WireReader(frame);
        if (reader.Byte() != Version || reader.Byte() != (byte)FrameKind.Heart)
            return false;
        head = new HeartFrame(
            new NodeId(reader.Byte()),
            reader.UInt64(),
            reader.UInt64(),
            reader.UInt64(),
            reader.UInt64(),
            (HeartFrameFlags)reader.Byte());
        content = reader.Bytes(reader.Remaining);
        return !reader.Failed;
    }
}
