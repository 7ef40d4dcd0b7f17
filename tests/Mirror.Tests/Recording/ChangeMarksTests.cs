using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

public sealed class ChangeMarksTests
{
    private const long Granule = DirtyFile.GranuleBytes;

    private readonly ChangeMarks _marks = new();

    [Fact]
    public void RangesAreRoundedAndCountedOnce()
    {
        _marks.MarkFile(0, 7, HandleOf(7), 10, 20);
        _marks.MarkFile(0, 7, HandleOf(7), Granule - 1, Granule + 1);
        _marks.MarkFile(0, 7, HandleOf(7), 100, 200);
        Assert.Equal(2 * Granule, _marks.Bytes);
        Assert.Equal([new ByteRange(0, 2 * Granule)], _marks.TryGet(0, 7, HandleOf(7))!.Ranges);
    }

    [Fact]
    public void AttributesAloneAreNoBytes()
    {
        _marks.MarkFile(0, 7, HandleOf(7));
        Assert.Equal((1, 0L), (_marks.FileCount, _marks.Bytes));
        Assert.Empty(_marks.TryGet(0, 7, HandleOf(7))!.Ranges);
    }

    [Fact]
    public void AWholeFileCountsWithWhatIsWrittenToIt()
    {
        _marks.MarkWhole(0, 7, HandleOf(7), 5 * Granule, isCreated: false);
        Assert.Equal(5 * Granule, _marks.Bytes);
        _marks.MarkFile(0, 7, HandleOf(7), 0, 9 * Granule);
        Assert.Equal(9 * Granule, _marks.Bytes);
        Assert.Equal([new ByteRange(0, ByteRange.ToTheEnd)], _marks.TryGet(0, 7, HandleOf(7))!.Ranges);
        Assert.False(_marks.IsCreated(0, 7, HandleOf(7)));
        _marks.MarkWhole(0, 8, HandleOf(8), 0, isCreated: true);
        Assert.True(_marks.IsCreated(0, 8, HandleOf(8)));
    }

    [Fact]
    public void ANumberThatComesBackIsAnotherFile()
    {
        _marks.MarkFile(0, 7, HandleOf(1), 0, 10);
        _marks.MarkFile(0, 7, HandleOf(2), 5 * Granule, (5 * Granule) + 1);
        Assert.Null(_marks.TryGet(0, 7, HandleOf(1)));
        Assert.Equal(Granule, _marks.Bytes);
        Assert.Equal([new ByteRange(5 * Granule, 6 * Granule)], _marks.TryGet(0, 7, HandleOf(2))!.Ranges);
    }

    [Fact]
    public void ADirectoryIsNewOnce()
    {
        Assert.True(_marks.MarkDirectory(1, FileId.Root, default));
        Assert.False(_marks.MarkDirectory(1, FileId.Root, default));
        Assert.True(_marks.MarkDirectory(1, 5, HandleOf(5)));
        Assert.True(_marks.HasDirectory(1, 5));
        Assert.False(_marks.HasDirectory(0, 5));
    }

    [Fact]
    public void TooManyAreGivenUp()
    {
        for (int i = 0; i < ChangeMarks.EntriesMax; i++)
            _marks.MarkFile(0, (ulong)i + 2, HandleOf(i));
        Assert.Null(_marks.GivenUp);
        _marks.MarkDirectory(0, 5, HandleOf(5));
        Assert.Equal($"more than {ChangeMarks.EntriesMax} files and directories changed", _marks.GivenUp);
        Assert.Equal(0, _marks.Count);
        _marks.MarkFile(0, 7, HandleOf(7), 0, 10);
        Assert.Equal((0, 0L), (_marks.Count, _marks.Bytes));
    }

    [Fact]
    public void WithoutAHandleNothingIsFoundAgain()
    {
        _marks.MarkFile(0, 7, default, 0, 10);
        Assert.NotNull(_marks.GivenUp);
    }

    [Fact]
    public void OlderMarksAreJoined()
    {
        var older = new ChangeMarks();
        older.MarkFile(0, 7, HandleOf(7), 0, 10);
        older.MarkFile(0, 8, HandleOf(1), 0, 10);
        older.MarkWhole(0, 9, HandleOf(9), 3 * Granule, isCreated: true);
        older.MarkDirectory(0, 5, HandleOf(5));
        _marks.MarkFile(0, 7, HandleOf(7), 2 * Granule, 3 * Granule);
        _marks.MarkFile(0, 8, HandleOf(2), 4 * Granule, 5 * Granule);
        _marks.Add(older);
        Assert.Equal([new ByteRange(0, Granule), new ByteRange(2 * Granule, 3 * Granule)], _marks.TryGet(0, 7, HandleOf(7))!.Ranges);
        Assert.Null(_marks.TryGet(0, 8, HandleOf(1)));
        Assert.True(_marks.IsCreated(0, 9, HandleOf(9)));
        Assert.True(_marks.HasDirectory(0, 5));
        Assert.Equal(6 * Granule, _marks.Bytes);
    }

    [Fact]
    public void WhatWasGivenUpStaysSo()
    {
        var older = new ChangeMarks();
        older.GiveUp("first");
        _marks.MarkFile(0, 7, HandleOf(7), 0, 10);
        _marks.Add(older);
        _marks.GiveUp("second");
        Assert.Equal("first", _marks.GivenUp);
        Assert.Equal(0, _marks.Count);
    }

    private static FileHandle HandleOf(int value)
    {
        var handle = new FileHandle { Type = 1, Bytes = sizeof(int) };
        BitConverter.TryWriteBytes(handle.Buffer, value);
        return handle;
    }
}
