using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.FileSystem;

public sealed class LoggedRangesTests
{
    private const long Region = 4 << 20;

    [Fact]
    public void AttributesNeedNoRange()
    {
        var none = new LoggedRanges(3, []);
        Assert.True(none.Covers(3, default));
        Assert.False(none.Covers(4, default));
        Assert.False(none.Covers(3, new ByteRange(0, 1)));
    }

    [Fact]
    public void ARegionIsMarkedAroundTheChange()
    {
        var none = new LoggedRanges(3, []);
        var change = new ByteRange(Region + 5, Region + 10);
        LoggedRanges one = none.With(none.RegionOf(change));
        Assert.Equal([new ByteRange(Region, 2 * Region)], one.Ranges);
        Assert.True(one.Covers(3, change));
        Assert.False(one.Covers(4, change));
        Assert.False(one.Covers(3, new ByteRange(Region - 1, Region + 1)));
        Assert.Equal(new ByteRange(0, 2 * Region), none.RegionOf(new ByteRange(Region - 1, Region + 1)));
        Assert.Equal(new ByteRange(Region, ByteRange.ToTheEnd), none.RegionOf(new ByteRange(Region + 7, ByteRange.ToTheEnd)));
    }

    [Fact]
    public void AFileThatIsWrittenAllOverNeedsFewMarks()
    {
        var logged = new LoggedRanges(3, []);
        int marks = 0;
        for (long offset = 0; offset < 1L << 40; offset += 64 * Region)
        {
            var change = new ByteRange(offset, offset + 1);
            if (logged.Covers(3, change))
                continue;
            logged = logged.With(logged.RegionOf(change));
            Assert.True(logged.Covers(3, change));
            marks++;
        }

        Assert.Equal(17, marks);
    }

    [Fact]
    public void WhatIsNewNeedsNone() => Assert.True(LoggedRanges.Everything(3).Covers(3, new ByteRange(0, ByteRange.ToTheEnd)));

    [Fact]
    public void ANameThatWentIsToldOnceWhileItMatters()
    {
        var gone = new GoneNames();
        Assert.True(gone.TryAdd(1, 7, "a"u8, isDirectory: false));
        Assert.True(gone.TryAdd(1, 7, "b"u8, isDirectory: false));
        Assert.True(gone.TryAdd(1, 7, "c"u8, isDirectory: false));
        Assert.False(gone.TryTake(1, 7, "a"u8, isDirectory: true));
        Assert.False(gone.TryTake(1, 8, "a"u8, isDirectory: false));
        Assert.True(gone.TryTake(1, 7, "a"u8, isDirectory: false));
        Assert.False(gone.TryTake(1, 7, "a"u8, isDirectory: false));
        Assert.True(gone.TryTake(2, 7, "b"u8, isDirectory: false));
        Assert.False(gone.TryTake(3, 7, "c"u8, isDirectory: false));
    }
}
