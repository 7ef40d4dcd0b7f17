using SafeKit.Core;

namespace SafeKit.Membership.Tests;

public sealed class WireTests
{
    private static readonly Heartbeat _sample = new()
    {
        Sender = new NodeId(2),
        Incarnation = 0x0102030405060708,
        Sequence = 9,
        SentNs = 10,
        Echo = new HeartbeatEcho(11, 12, 13),
        ConfigurationSignature = 14,
        Flags = HeartbeatFlags.Serving | HeartbeatFlags.Activate,
        Follows = new NodeId(1),
        Promised = new ViewId(15, new NodeId(1), 16),
        FenceRemainingNs = 17,
        Active = new ViewId(18, new NodeId(1), 19),
        ActiveMembers = 3,
        Proposal = new ViewId(20, new NodeId(1), 21),
        PartsHeld = 22,
        Sees = 7,
    };

    [Fact]
    public void AHeartbeatComesBackAsItWas()
    {
        byte[] frame = new byte[Heartbeat.Size];
        _sample.Format(frame);
        Assert.True(Heartbeat.TryParse(frame, out Heartbeat parsed));
        Assert.Equal(_sample, parsed);
    }

    /// <summary>Nodes of different releases must understand each other: a change here needs a new wire version.</summary>
    [Fact]
    public void TheBytesOfAHeartbeatAreFrozen()
    {
        byte[] frame = new byte[Heartbeat.Size];
        _sample.Format(frame);
        const string Frozen =
            "020102" + "0807060504030201" + "0900000000000000" + "0A00000000000000"
            + "0B00000000000000" + "0C00000000000000" + "0D00000000000000" + "0E00000000000000" + "1101"
            + "0F00000000000000" + "01" + "1000000000000000" + "1100000000000000"
            + "1200000000000000" + "01" + "1300000000000000" + "03"
            + "1400000000000000" + "01" + "1500000000000000" + "1600" + "07000000000000000000000000000000";
        Assert.Equal(Frozen, Convert.ToHexString(frame));
    }

    [Fact]
    public void ABucketReportComesBackAsItWasSent()
    {
        byte[] holding = new byte[BucketReport.BitsBytes];
        byte[] busy = new byte[BucketReport.BitsBytes];
        holding[3] = 1;
        busy[511] = 128;
        var report = new BucketReport
        {
            Sender = new NodeId(2),
            Incarnation = 7,
            View = new ViewId(5, new NodeId(0), 6),
            Sequence = 9,
            Group = 1,
            Holding = holding,
            Busy = busy,
        };
        byte[] frame = new byte[BucketReport.Size];
        report.Format(frame);
        Assert.True(BucketReport.TryParse(frame, out BucketReport parsed));
        Assert.Equal(
            (report.Sender, 7UL, report.View, 9UL, (byte)1),
            (parsed.Sender, parsed.Incarnation, parsed.View, parsed.Sequence, parsed.Group));
        Assert.True(parsed.Holding.SequenceEqual(holding) && parsed.Busy.SequenceEqual(busy));
        Assert.False(BucketReport.TryParse(frame.AsSpan(1), out _));
        Assert.True(BucketReport.Size <= Limits.DatagramBytesMax - 100, "with its seal it is one datagram");
    }

    [Fact]
    public void TheBytesOfAViewAreFrozen()
    {
        byte[] owners = new byte[Limits.BucketsPerGroup];
        var formers = new UInt128[Limits.BucketsPerGroup];
        owners.AsSpan(2048).Fill(1);
        formers.AsSpan(2048).Fill(UInt128.One);
        var view = new View(
            new ViewId(5, new NodeId(0), 6),
            [new ViewMember(new NodeId(0), 6, true), new ViewMember(new NodeId(1), 7, false)],
            new BucketTable(1, owners, formers));
        const string Zeros = "0000000000000000";
        const string Frozen = "0500000000000000" + "00" + "0600000000000000" + "02"
            + "00" + "0600000000000000" + "01" + "01" + "0700000000000000" + "00"
            + "0200" + Zeros + Zeros + "0100000000000000" + Zeros
            + "01" + "0200" + "0000000008" + "0101000008";
        Assert.Equal(Frozen, Convert.ToHexString(ViewCodec.Encode(view)));
    }

    [Fact]
    public void ShortLongAndUnknownFramesAreRefused()
    {
        byte[] frame = new byte[Heartbeat.Size + 1];
        _sample.Format(frame);
        for (int length = 0; length <= frame.Length; length++)
            Assert.Equal(length == Heartbeat.Size, Heartbeat.TryParse(frame.AsSpan(0, length), out _));
        frame[0] = 3;
        Assert.False(Heartbeat.TryParse(frame.AsSpan(0, Heartbeat.Size), out _));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(64, 128)]
    public void AViewSurvivesPartsInAnyOrder(int groups, int nodes)
    {
        View view = ScatteredView(groups, nodes);
        byte[] bytes = ViewCodec.Encode(view);
        int count = ViewPart.CountFor(bytes.Length);
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(1).Shuffle(order);
        var assembler = new ViewAssembler();
        View? assembled = null;
        foreach (int index in order)
        {
            Assert.Null(assembled);
            assembled = AddPart(assembler, view.Id, bytes, index, count) ? ViewCodec.Decode(assembler.Bytes) : null;
        }

        Assert.NotNull(assembled);
        Assert.True(view.Members.SequenceEqual(assembled.Members));
        Assert.True(view.Table.Owners.SequenceEqual(assembled.Table.Owners));
        Assert.True(view.Table.Formers.SequenceEqual(assembled.Table.Formers));
    }

    [Fact]
    public void TheTableOfThreeNodesIsOneDatagramAfterAChange()
    {
        BucketTable table = BucketAssignment.Next(BucketTable.Empty(1), 1, [[1, 0, 0]]);
        var view = new View(new ViewId(1, new NodeId(0), 1), [new ViewMember(new NodeId(0), 1, true)], table);
        Assert.Equal(1, ViewPart.CountFor(ViewCodec.Encode(view).Length));
    }

    [Fact]
    public void MutatedViewsNeverThrow()
    {
        byte[] bytes = ViewCodec.Encode(ScatteredView(2, 5));
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutated = [.. bytes];
            for (int change = random.Next(1, 6); change > 0; change--)
                mutated[random.Next(random.Next(2) == 0 ? 60 : mutated.Length)] = (byte)random.Next(256);
            _ = ViewCodec.Decode(mutated.AsSpan(0, random.Next(2) == 0 ? mutated.Length : random.Next(mutated.Length)));
        }
    }

    private static bool AddPart(ViewAssembler assembler, ViewId id, byte[] bytes, int index, int count)
    {
        int start = index * ViewPart.PayloadBytesMax;
        var part = new ViewPart
        {
            Sender = new NodeId(0),
            Incarnation = 1,
            View = id,
            Index = (ushort)index,
            Count = (ushort)count,
            ViewBytes = (uint)bytes.Length,
            Digest = ViewCodec.Digest(bytes),
            Payload = bytes.AsSpan(start, Math.Min(ViewPart.PayloadBytesMax, bytes.Length - start)),
        };
        byte[] frame = new byte[part.Size];
        part.Format(frame);
        Assert.True(ViewPart.TryParse(frame, out ViewPart parsed));
        return assembler.Add(parsed);
    }

    private static View ScatteredView(int groups, int nodes)
    {
        var random = new Random(3);
        byte[] owners = new byte[groups * Limits.BucketsPerGroup];
        var formers = new UInt128[owners.Length];
        for (int i = 0; i < owners.Length; i++)
        {
            owners[i] = (byte)random.Next(nodes);
            formers[i] = (UInt128)random.Next(1 << Math.Min(nodes, 10)) & ~(UInt128.One << owners[i]);
        }

        ViewMember[] members = [.. Enumerable.Range(0, nodes).Select(n => new ViewMember(new NodeId((byte)n), (ulong)n + 1, true))];
        return new View(new ViewId(3, new NodeId(0), 1), members, new BucketTable(groups, owners, formers));
    }
}
