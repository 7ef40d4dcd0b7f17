using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

public sealed class DirtyMapTests
{
    /// <summary>Against a plain set of marked granules: whatever is marked is covered, and without coarsening nothing else is.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RangesCoverExactlyWhatWasMarked(int seed)
    {
        const int Granules = 400;
        var random = new Random(seed);
        var file = new DirtyFile(0, 9, default);
        bool[] marked = new bool[Granules];
        for (int i = 0; i < 150; i++)
        {
            long start = random.NextInt64((Granules - 10L) << 20);
            long end = start + random.NextInt64(1, 5 << 20);
            file.Mark(start, end);
            for (long g = start >> 20; g << 20 < end; g++)
                marked[g] = true;
        }

        bool[] covered = new bool[Granules];
        long lastEnd = -1;
        foreach (ByteRange range in file.Ranges)
        {
            Assert.True(range.Start > lastEnd && range.End > range.Start, "ranges are disjoint, apart, and in order");
            lastEnd = range.End;
            for (long g = range.Start >> 20; g < range.End >> 20; g++)
                covered[g] = true;
        }

        Assert.Equal(marked, covered);
        Assert.Equal((long)marked.Count(m => m) << 20, file.Bytes);
        long taken = 0;
        while (file.TryTake(1 << 20, out ByteRange piece))
            taken += piece.End - piece.Start;
        Assert.Equal((long)marked.Count(m => m) << 20, taken);
        Assert.Equal(0, file.Bytes);
    }

    [Fact]
    public void AFileOfManyHolesStaysBounded()
    {
        var file = new DirtyFile(0, 9, default);
        for (long i = 0; i < 20_000; i++)
            file.Mark(i << 21, (i << 21) + 1);
        Assert.True(file.Ranges.Count <= 257, $"{file.Ranges.Count} ranges");
        Assert.False(file.Mark(19_999L << 21, (19_999L << 21) + 1));
    }

    [Fact]
    public void ANumberThatComesBackWithAnotherFileIsThatFile()
    {
        var map = new DirtyMap();
        map.Mark(0, 1, RecorderBench.HandleOf(100), 0, 1);
        Assert.True(map.TryTake(out DirtyFile? taken));
        map.Mark(0, 1, RecorderBench.HandleOf(200), 5 << 20, 6 << 20);
        map.PutBack(taken);
        Assert.True(map.TryTake(out DirtyFile? file));
        Assert.Equal(RecorderBench.HandleOf(200).Value.ToArray(), file.Handle.Value.ToArray());
        Assert.Equal(new ByteRange(5 << 20, 6 << 20), Assert.Single(file.Ranges));
    }

    [Fact]
    public void TheMapCountsItsBytes()
    {
        var map = new DirtyMap();
        map.Mark(0, 1, default, 0, 1);
        map.Mark(0, 1, default, 5 << 20, (5 << 20) + 1);
        map.Mark(1, 1, default, 0, 3 << 20);
        map.Mark(0, 1, default, 0, 6 << 20);
        Assert.Equal(9 << 20, map.Bytes);
        map.Forget(1, 1);
        Assert.Equal(6 << 20, map.Bytes);
        Assert.True(map.TryTake(out DirtyFile? file));
        Assert.Equal(0, map.Bytes);
        map.PutBack(file);
        Assert.Equal(6 << 20, map.Bytes);
    }
}
