using SafeKit.Filter;
using SafeKit.Filter.Packets;
using SafeKit.Lab.Crowd;
using SafeKit.Lab.Load;

namespace SafeKit.SystemTests.Judges;

/// <summary>The client without sockets: what it writes and reads, and what it makes of a server's answers.</summary>
public sealed class CrowdTests
{
    private static readonly TcpSegment _ends = CrowdAddresses.EndsOf(123_456);

    [Theory]
    [InlineData(null)]
    [InlineData((byte)7)]
    public void ASegmentIsReadAsWritten(byte? payload)
    {
        var frame = new byte[TcpSegment.BytesMax];
        var segment = _ends with { Sequence = 0xfedc_ba98, Acknowledgement = 77, Flags = TcpFlags.Ack, Payload = payload };
        var length = segment.Write(frame, new MacAddress(1), new MacAddress(2));
        Assert.True(TcpSegment.TryRead(frame.AsSpan(0, length), out var read));
        Assert.Equal(segment with { PayloadBytes = payload is null ? 0 : 1 }, read);
        Assert.Equal(0xffff, Sum(frame.AsSpan(14, 20), 0));
        Assert.Equal(0xffff, Sum(frame.AsSpan(26, length - 26), (uint)(6 + length - 34)));
    }

    [Fact]
    public void HalfAFrameIsNone()
    {
        var frame = new byte[TcpSegment.BytesMax];
        var length = (_ends with { Payload = 1 }).Write(frame, default, default);
        Assert.False(TcpSegment.TryRead(frame.AsSpan(0, length - 1), out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(49_999)]
    [InlineData(50_000)]
    [InlineData(999_999)]
    public void AnAnswerFindsItsConnection(int number)
    {
        var ends = CrowdAddresses.EndsOf(number);
        Assert.Equal(number, CrowdAddresses.NumberOf(ends with { Destination = ends.Source, DestinationPort = ends.SourcePort }));
    }

    [Fact]
    public void AnAnswerOfAnotherNetworkFindsNone() =>
        Assert.Equal(-1, CrowdAddresses.NumberOf(_ends with { Destination = 1, DestinationPort = 20_000 }));

    [Fact]
    public void AConnectionOpensAsksAndHearsOnce()
    {
        var member = Opened();
        var question = member.Ask(_ends);
        Assert.Equal((1u, 501u, (byte?)1), (question.Sequence, question.Acknowledgement, question.Payload));
        var answer = new TcpSegment(0, 80, 0, 0, 501, 2, TcpFlags.Ack) { Payload = 3, PayloadBytes = 1 };
        Assert.True(member.Take(answer));
        Assert.Equal((3, false), (member.Node, member.IsAsking));
        Assert.True(member.Take(answer));
        Assert.Equal(502u, member.Acknowledge(_ends).Acknowledgement);
        Assert.Equal(2u, member.Ask(_ends).Sequence);
    }

    [Theory]
    [InlineData(TcpFlags.Reset, CrowdState.Reset)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, CrowdState.Ended)]
    [InlineData(TcpFlags.Ack, CrowdState.Open)]
    public void WhatTheServerSaysCounts(TcpFlags flags, CrowdState expected)
    {
        var member = Opened();
        Assert.False(member.Take(new TcpSegment(0, 80, 0, 0, 501, 1, flags)));
        Assert.Equal(expected, member.State);
    }

    [Theory]
    [InlineData(0x0a63_0001, false)]
    [InlineData(0x7f00_0001, false)]
    [InlineData(0xe000_0001, false)]
    [InlineData(0x0000_0001, false)]
    [InlineData(0x0808_0808, true)]
    public void AFloodComesFromStrangers(uint address, bool expected) => Assert.Equal(expected, SynFlood.IsForeign(address));

    [Fact]
    public void ThreadsHaveRoomForUnequalShares()
    {
        Assert.Equal(1, CrowdServer.ThreadsFor(1, 20_000));
        Assert.InRange(333_334.0 / CrowdServer.ThreadsFor(333_334, 20_000), 1, 17_000);
    }

    private static CrowdMember Opened()
    {
        var member = default(CrowdMember);
        Assert.Equal(TcpFlags.Syn, member.Open(_ends).Flags);
        Assert.True(member.Take(new TcpSegment(0, 80, 0, 0, 500, 1, TcpFlags.Syn | TcpFlags.Ack)));
        Assert.Equal(CrowdState.Open, member.State);
        return member;
    }

    /// <summary>Of a message with its checksum in it: all ones.</summary>
    private static int Sum(ReadOnlySpan<byte> bytes, uint start)
    {
        var sum = start;
        for (var i = 0; i < bytes.Length; i++)
            sum += (uint)bytes[i] << (i % 2 == 0 ? 8 : 0);
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (int)sum;
    }
}
