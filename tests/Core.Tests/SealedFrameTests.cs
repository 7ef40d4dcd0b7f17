using SafeKit.Core.Wire;

namespace SafeKit.Core.Tests;

public sealed class SealedFrameTests
{
    private static readonly byte[] _key = SealedFrame.PurposeKey(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), "farm/web");
    private static readonly NodeId _sender = new(1);

    [Fact]
    public void WhatIsSealedOpensOnceAndNamesItsSender()
    {
        using var sealer = new FrameSealer(_key, _sender, 7);
        using var opener = new FrameOpener(_key, 3);
        byte[] frame = Seal(sealer, "heartbeat"u8);
        byte[] plain = new byte[frame.Length];

        Assert.Equal(OpenVerdict.Opened, opener.Open(frame, plain, out NodeId sender, out int length));
        Assert.Equal(_sender, sender);
        Assert.True(plain.AsSpan(0, length).SequenceEqual("heartbeat"u8));
        Assert.Equal(OpenVerdict.Repeated, opener.Open(frame, plain, out _, out _));
    }

    [Fact]
    public void FramesMayOvertakeEachOther()
    {
        using var sealer = new FrameSealer(_key, _sender, 7);
        using var opener = new FrameOpener(_key, 3);
        byte[][] frames = [.. Enumerable.Range(0, 5000).Select(_ => Seal(sealer, "x"u8))];
        byte[] plain = new byte[frames[0].Length];

        Assert.Equal(OpenVerdict.Opened, opener.Open(frames[4000], plain, out _, out _));
        Assert.Equal(OpenVerdict.Opened, opener.Open(frames[10], plain, out _, out _));
        Assert.Equal(OpenVerdict.Repeated, opener.Open(frames[10], plain, out _, out _));
        Assert.Equal(OpenVerdict.Opened, opener.Open(frames[4999], plain, out _, out _));
        Assert.Equal(OpenVerdict.Repeated, opener.Open(frames[20], plain, out _, out _));
    }

    [Fact]
    public void AnEarlierLifeIsRefusedOnceALaterOneWasHeard()
    {
        using var before = new FrameSealer(_key, _sender, 7);
        using var after = new FrameSealer(_key, _sender, 8);
        using var opener = new FrameOpener(_key, 3);
        byte[] old = Seal(before, "old"u8);
        byte[] plain = new byte[old.Length];

        Assert.Equal(OpenVerdict.Opened, opener.Open(Seal(after, "new"u8), plain, out _, out _));
        Assert.Equal(OpenVerdict.Repeated, opener.Open(old, plain, out _, out _));
    }

    [Fact]
    public void EveryChangedByteIsNoticed()
    {
        using var sealer = new FrameSealer(_key, _sender, 7);
        byte[] frame = Seal(sealer, "heartbeat"u8);
        byte[] plain = new byte[frame.Length];
        for (int i = 0; i < frame.Length; i++)
        {
            using var opener = new FrameOpener(_key, 3);
            byte[] changed = [.. frame];
            changed[i] ^= 0x40;
            Assert.NotEqual(OpenVerdict.Opened, opener.Open(changed, plain, out _, out _));
        }
    }

    [Fact]
    public void AnotherKeyOrPurposeOpensNothing()
    {
        byte[] other = SealedFrame.PurposeKey(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), "farm/other");
        using var sealer = new FrameSealer(other, _sender, 7);
        using var opener = new FrameOpener(_key, 3);
        byte[] frame = Seal(sealer, "heartbeat"u8);

        Assert.Equal(OpenVerdict.Forged, opener.Open(frame, new byte[frame.Length], out NodeId sender, out _));
        Assert.Equal(_sender, sender);
    }

    [Fact]
    public void TheSteadyStateAllocatesNothing()
    {
        using var sealer = new FrameSealer(_key, _sender, 7);
        using var opener = new FrameOpener(_key, 3);
        byte[] frame = new byte[256];
        byte[] plain = new byte[256];
        long before = 0;
        for (int i = 0; i < 1100; i++)
        {
            if (i == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            int length = sealer.Seal(plain.AsSpan(0, 150), frame);
            opener.Open(frame.AsSpan(0, length), plain, out _, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Seal(FrameSealer sealer, ReadOnlySpan<byte> plain)
    {
        byte[] frame = new byte[plain.Length + SealedFrame.OverheadBytes];
        Assert.Equal(frame.Length, sealer.Seal(plain, frame));
        return frame;
    }
}
