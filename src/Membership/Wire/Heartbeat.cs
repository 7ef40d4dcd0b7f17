using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// The whole state of the sender as far as the receiver needs it. State, not events: any one may be lost, doubled or overtaken.
/// </summary>
public readonly record struct Heartbeat
{
    public const int Size =
        WireVersion.PrefixBytes + 8 + 8 + 24 + 8 + 1 + 1 + ViewId.Size + 8 + ViewId.Size + 1 + ViewId.Size + 2 + 16;

    /// <summary>A longer wait than any lease allowed by the settings is nonsense and refused.</summary>
    private const long FenceRemainingNsMax = 2 * 3_600_000_000_000;

    public NodeId Sender { get; init; }

    public ulong Incarnation { get; init; }

    public ulong Sequence { get; init; }

    public long SentNs { get; init; }

    public HeartbeatEcho Echo { get; init; }

    public ulong ConfigurationSignature { get; init; }

    public HeartbeatFlags Flags { get; init; }

    /// <summary>Whom the sender takes for the leader.</summary>
    public NodeId Follows { get; init; }

    /// <summary>The newest view for which the sender has released what it does not own there.</summary>
    public ViewId Promised { get; init; }

    /// <summary>How long the sender still has to wait for the leases of nodes outside <see cref="Promised"/>.</summary>
    public long FenceRemainingNs { get; init; }

    /// <summary>The view by which the sender takes packets now; none if it takes none.</summary>
    public ViewId Active { get; init; }

    public byte ActiveMembers { get; init; }

    /// <summary>The sender's own proposal, or the one of its leader of which it is collecting the parts.</summary>
    public ViewId Proposal { get; init; }

    /// <summary>Parts of <see cref="Proposal"/> that were received without a gap.</summary>
    public ushort PartsHeld { get; init; }

    /// <summary>The sender itself and every node with which it has contact in both directions, one bit each.</summary>
    public UInt128 Sees { get; init; }

    public bool Has(HeartbeatFlags flag) => (Flags & flag) != 0;

    public void Format(Span<byte> target)
    {
        var writer = new WireWriter(target);
        writer.Byte(WireVersion.Current);
        writer.Byte((byte)FrameKind.Heartbeat);
        writer.Byte(Sender.Index);
        writer.UInt64(Incarnation);
        writer.UInt64(Sequence);
        writer.Int64(SentNs);
        writer.UInt64(Echo.Incarnation);
        writer.UInt64(Echo.Sequence);
        writer.Int64(Echo.SentNs);
        writer.UInt64(ConfigurationSignature);
        writer.Byte((byte)Flags);
        writer.Byte(Follows.Index);
        Promised.Format(ref writer);
        writer.Int64(FenceRemainingNs);
        Active.Format(ref writer);
        writer.Byte(ActiveMembers);
        Proposal.Format(ref writer);
        writer.UInt16(PartsHeld);
        writer.UInt128(Sees);
        Invariant.That(writer.Position == Size, "a heartbeat has its fixed size");
    }

    public static bool TryParse(ReadOnlySpan<byte> frame, out Heartbeat heartbeat)
    {
        heartbeat = default;
        var reader = new WireReader(frame);
        if (frame.Length != Size || reader.Byte() != WireVersion.Current || reader.Byte() != (byte)FrameKind.Heartbeat)
            return false;

        heartbeat = new Heartbeat
        {
            Sender = new NodeId(reader.Byte()),
            Incarnation = reader.UInt64(),
            Sequence = reader.UInt64(),
            SentNs = reader.Int64(),
            Echo = new HeartbeatEcho(reader.UInt64(), reader.UInt64(), reader.Int64()),
            ConfigurationSignature = reader.UInt64(),
            Flags = (HeartbeatFlags)reader.Byte(),
            Follows = new NodeId(reader.Byte()),
            Promised = ViewId.Parse(ref reader),
            FenceRemainingNs = reader.Int64(),
            Active = ViewId.Parse(ref reader),
            ActiveMembers = reader.Byte(),
            Proposal = ViewId.Parse(ref reader),
            PartsHeld = reader.UInt16(),
            Sees = reader.UInt128(),
        };
        return reader.Complete
            && heartbeat.FenceRemainingNs is >= 0 and <= FenceRemainingNsMax
            && heartbeat.Promised.Counter <= ViewId.CounterMax
            && heartbeat.Active.Counter <= ViewId.CounterMax
            && heartbeat.Proposal.Counter <= ViewId.CounterMax;
    }
}
