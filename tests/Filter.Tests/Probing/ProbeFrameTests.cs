using SafeKit.Filter.Probing;

namespace SafeKit.Filter.Tests.Probing;

/// <summary>The frame of <c>safekit vip test</c>: what is written is read, and nothing else is.</summary>
public sealed class ProbeFrameTests
{
    private static readonly MacAddress _source = MacAddress.Parse("02:00:00:00:00:0b");
    private static readonly ProbeFrame _frame = new(
        MacAddress.Parse("5a:fe:0a:63:00:64"), ProbeKind.Virtual, 7, new UInt128(0x0123456789abcdef, 0xfedcba9876543210));

    [Fact]
    public void WhatIsWrittenIsRead() => Assert.Equal(_frame, ProbeFrame.Read(Written()));

    /// <summary>Nodes of two versions must understand each other.</summary>
    [Fact]
    public void TheBytesStayAsTheyAre() => Assert.Equal(
        "5afe0a630064" + "02000000000b" + "88b5" + "534b5654" + "01" + "04" + "07" + "1032547698badcfe" + "efcdab8967452301" + new string('0', 54),
        Convert.ToHexStringLower(Written()));

    [Theory]
    [InlineData(12, 0x08)] // another Ethertype
    [InlineData(14, 0x00)] // another magic number
    [InlineData(18, 0x02)] // another version
    [InlineData(19, 0x00)] // no kind
    [InlineData(19, 0x06)] // an unknown kind
    public void AnythingElseIsNoProbeFrame(int offset, byte value)
    {
        var bytes = Written();
        bytes[offset] = value;
        Assert.Null(ProbeFrame.Read(bytes));
    }

    [Fact]
    public void WhatIsTooShortIsNoProbeFrame()
    {
        for (var length = 0; length < ProbeFrame.Bytes; length++)
            Assert.Null(ProbeFrame.Read(Written().AsSpan(0, length)));
    }

    [Fact]
    public void NoBytesHarm()
    {
        var random = new Random(11);
        var bytes = new byte[2 * ProbeFrame.Bytes];
        for (var i = 0; i < 10_000; i++)
        {
            random.NextBytes(bytes);
            // The way into the body.
            (bytes[12], bytes[13]) = (0x88, 0xb5);
            Assert.Null(ProbeFrame.Read(bytes.AsSpan(0, random.Next(bytes.Length))));
        }
    }

    private static byte[] Written()
    {
        var bytes = new byte[ProbeFrame.Bytes];
        Array.Fill(bytes, (byte)0xff);
        _frame.Write(_source, bytes);
        return bytes;
    }
}
