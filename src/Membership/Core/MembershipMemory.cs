using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// What the next process on this node must know to go on with this life of the node instead of beginning a new one: whatever
/// the others rely on. It is written down before anybody is told of it. What is not here (contacts, acknowledgements, fences)
/// the next process learns anew, and assumes the worst of until then.
/// </summary>
public sealed class MembershipMemory
{
    private const int BitsPerByte = 8;
    private const int FixedBytes = 8 + 8 + 8 + 8 + 8 + 1 + 4 + 4;

    public required ulong Incarnation { get; init; }

    /// <summary>How many processes have gone on with this life: numbers of frames go on in a range of each process's own.</summary>
    public required ulong Resumptions { get; init; }

    /// <summary>When this life began, on the monotonic clock.</summary>
    public required long StartedNs { get; init; }

    public required ulong SeenCounter { get; init; }

    public required ulong PromisedAtSequence { get; init; }

    public required bool Serving { get; init; }

    public required bool ActivationKnown { get; init; }

    public required View? Promised { get; init; }

    /// <summary>The view whose rows are held; often the promised one.</summary>
    public required View? Active { get; init; }

    public required ReadOnlyMemory<byte> Rows { get; init; }

    /// <summary>
    /// For each bucket whether connections may be left here; what was acquired last may be missing. What this node counts less is written
    /// down before it is told. What the others have released is not here: they say it again.
    /// </summary>
    public required ReadOnlyMemory<bool> MayHold { get; init; }

    public byte[] Encode()
    {
        byte[] promised = Promised?.Encoded ?? [];
        byte[] active = Active is null || Active == Promised ? [] : Active.Encoded;
        byte[] bytes = new byte[FixedBytes + promised.Length + active.Length + Rows.Length + (MayHold.Length / BitsPerByte)];
        var writer = new WireWriter(bytes);
        writer.UInt64(Incarnation);
        writer.UInt64(Resumptions);
        writer.Int64(StartedNs);
        writer.UInt64(SeenCounter);
        writer.UInt64(PromisedAtSequence);
        writer.Byte((byte)((Serving ? 1 : 0) | (ActivationKnown ? 2 : 0) | (Active is not null && Active == Promised ? 4 : 0)));
        writer.UInt32((uint)promised.Length);
        writer.UInt32((uint)active.Length);
        writer.Bytes(promised);
        writer.Bytes(active);
        writer.Bytes(Rows.Span);
        writer.Bytes(Bits(MayHold.Span));
        return bytes;
    }

    /// <summary>Null if the bytes are not exactly one memory of a node with so many groups.</summary>
    public static MembershipMemory? Decode(ReadOnlySpan<byte> bytes, int groups)
    {
        var reader = new WireReader(bytes);
        ulong incarnation = reader.UInt64();
        ulong resumptions = reader.UInt64();
        long startedNs = reader.Int64();
        ulong seenCounter = reader.UInt64();
        ulong promisedAtSequence = reader.UInt64();
        byte flags = reader.Byte();
        uint promisedBytes = reader.UInt32();
        uint activeBytes = reader.UInt32();
        if (reader.Failed || promisedBytes > reader.Remaining || activeBytes > reader.Remaining)
            return null;
        View? promised = ViewCodec.Decode(reader.Bytes((int)promisedBytes));
        View? active = (flags & 4) != 0 ? promised : ViewCodec.Decode(reader.Bytes((int)activeBytes));
        int buckets = groups * Limits.BucketsPerGroup;
        byte[] rows = reader.Bytes(buckets).ToArray();
        ReadOnlySpan<byte> held = reader.Bytes(buckets / BitsPerByte);
        bool whole = reader.Complete && incarnation != 0 && rows.Length == buckets
            && (promisedBytes == 0) == (promised is null) && (promised is null || promised.Table.Groups == groups)
            && (activeBytes == 0 || active is not null);
        return !whole
            ? null
            : new MembershipMemory
            {
                Incarnation = incarnation,
                Resumptions = resumptions,
                StartedNs = startedNs,
                SeenCounter = seenCounter,
                PromisedAtSequence = promisedAtSequence,
                Serving = (flags & 1) != 0,
                ActivationKnown = (flags & 2) != 0,
                Promised = promised,
                Active = active,
                Rows = rows,
                MayHold = FromBits(held),
            };
    }

    private static byte[] Bits(ReadOnlySpan<bool> flags)
    {
        byte[] bits = new byte[flags.Length / BitsPerByte];
        for (int i = 0; i < flags.Length; i++)
        {
            if (flags[i])
                bits[i / BitsPerByte] |= (byte)(1 << (i % BitsPerByte));
        }

        return bits;
    }

    private static bool[] FromBits(ReadOnlySpan<byte> bits)
    {
        bool[] flags = new bool[bits.Length * BitsPerByte];
        for (int i = 0; i < flags.Length; i++)
            flags[i] = (bits[i / BitsPerByte] >> (i % BitsPerByte) & 1) != 0;
        return flags;
    }
}
