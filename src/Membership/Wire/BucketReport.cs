using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// What a node says of the buckets of one group, a bit for each: of which its kernel may still hold connections, and of which it was
/// used lately. The first counts under the view it names only: as long as the sender does not promise another one, a bucket that is
/// not its own gets no connection, so what it has released stays released.
/// </summary>
public readonly ref struct BucketReport
{
    public const int BitsBytes = Limits.BucketsPerGroup / 8;

    public const int Size = WireVersion.PrefixBytes + ViewId.Size + 8 + 1 + (2 * BitsBytes);

    public NodeId Sender { get; init; }

    public ulong Incarnation { get; init; }

    /// <summary>What the sender has promised.</summary>
    public ViewId View { get; init; }

    /// <summary>Grows from one report to the next: an older one is not heeded.</summary>
    public ulong Sequence { get; init; }

    public byte Group { get; init; }

    /// <summary>Buckets that the sender owns, and those that it may hold connections of.</summary>
    public ReadOnlySpan<byte> Holding { get; init; }

    /// <summary>Buckets with activity within the group's affinity timeout; all zero in a group without one.</summary>
    public ReadOnlySpan<byte> Busy { get; init; }

    public void Format(Span<byte> target)
    {
        var writer = new WireWriter(target);
        writer.Byte(WireVersion.Current);
        writer.Byte((byte)FrameKind.BucketReport);
        writer.Byte(Sender.Index);
        writer.UInt64(Incarnation);
        View.Format(ref writer);
        writer.UInt64(Sequence);
        writer.Byte(Group);
        writer.Bytes(Holding);
        writer.Bytes(Busy);
    }

    public static bool TryParse(ReadOnlySpan<byte> frame, out BucketReport report)
    {
        report = default;
        var reader = new WireReader(frame);
        if (frame.Length != Size || reader.Byte() != WireVersion.Current || reader.Byte() != (byte)FrameKind.BucketReport)
            return false;
        report = new BucketReport
        {
            Sender = new NodeId(reader.Byte()),
            Incarnation = reader.UInt64(),
            View = ViewId.Parse(ref reader),
            Sequence = reader.UInt64(),
            Group = reader.Byte(),
            Holding = reader.Bytes(BitsBytes),
            Busy = reader.Bytes(BitsBytes),
        };
        return reader.Complete && report.Group < Limits.GroupsMax;
    }
}
