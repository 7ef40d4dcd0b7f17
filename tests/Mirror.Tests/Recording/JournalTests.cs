using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

public sealed class JournalTests
{
    private const long BytesMax = 1 << 20;
    private static readonly Guid _chapter = Guid.Parse("11111111-2222-3333-4444-555555555555");

    [Fact]
    public void TheNextRunGoesOnWithIt()
    {
        using var folder = new TemporaryFolder();
        Close(folder.Path);

        using Journal? journal = Journal.TryOpen(folder.Path, BytesMax, _chapter, out JournalMarker? marker, out string reason);
        Assert.Equal("", reason);
        Assert.Equal(new JournalMarker(7, 3, 99, 5, 8, marker!.Bytes, _chapter), marker);
        Assert.Equal(["a", "b", "c"], Names(journal!));
        Assert.Equal(3, journal!.OperationCount);
        DirtyFile file = Assert.Single(journal.Dirty.Files);
        Assert.Equal(42UL, file.File);
        Assert.Equal(RecorderBench.HandleOf(42).Value.ToArray(), file.Handle.Value.ToArray());
        Assert.Equal([new ByteRange(0, 1 << 20), new ByteRange(9 << 20, ByteRange.ToTheEnd)], file.Ranges);

        Append(journal, 9, "d");
        Assert.Equal(["a", "b", "c", "d"], Names(journal));
    }

    [Fact]
    public void ItSurvivesManyRuns()
    {
        using var folder = new TemporaryFolder();
        Close(folder.Path);
        for (ulong run = 0; run < 4; run++)
        {
            using Journal journal = Journal.TryOpen(folder.Path, BytesMax, _chapter, out _, out _)!;
            Append(journal, 9 + run, $"run {run}");
            journal.CloseClean(7, 3, 99, 9 + run, _chapter);
        }

        using Journal last = Journal.TryOpen(folder.Path, BytesMax, _chapter, out _, out _)!;
        Assert.Equal(["a", "b", "c", "run 0", "run 1", "run 2", "run 3"], Names(last));
        Assert.Equal(2, Assert.Single(last.Dirty.Files).Ranges.Count);
    }

    [Fact]
    public void CutAnywhereItIsNotTrusted()
    {
        using var folder = new TemporaryFolder();
        Close(folder.Path);
        string path = Path.Combine(folder.Path, Journal.FileName);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Null(Journal.TryOpen(folder.Path, BytesMax, _chapter, out _, out _));
        }
    }

    [Fact]
    public void WithAnyByteChangedItIsNotTrusted()
    {
        using var folder = new TemporaryFolder();
        Close(folder.Path);
        foreach (string name in new[] { Journal.FileName, Journal.MarkerName })
        {
            string path = Path.Combine(folder.Path, name);
            byte[] whole = File.ReadAllBytes(path);
            for (int i = 0; i < whole.Length; i++)
            {
                byte[] damaged = [.. whole];
                damaged[i] ^= 0x41;
                File.WriteAllBytes(path, damaged);
                Assert.Null(Journal.TryOpen(folder.Path, BytesMax, _chapter, out _, out _));
            }

            File.WriteAllBytes(path, whole);
        }
    }

    [Fact]
    public void AMarkerCutAnywhereIsNone()
    {
        using var folder = new TemporaryFolder();
        Close(folder.Path);
        string path = Path.Combine(folder.Path, Journal.MarkerName);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Null(Journal.TryOpen(folder.Path, BytesMax, _chapter, out _, out _));
        }
    }

    [Fact]
    public void WithoutItsMarkerOrWithAnotherChapterItIsNotTrusted()
    {
        using var folder = new TemporaryFolder();
        Close(folder.Path);
        Assert.Null(Journal.TryOpen(folder.Path, BytesMax, Guid.NewGuid(), out _, out string reason));
        Assert.Equal("the journal is of other data", reason);
        Journal.RemoveMarker(folder.Path);
        Assert.Null(Journal.TryOpen(folder.Path, BytesMax, _chapter, out _, out reason));
        Assert.Equal("no journal was closed in good order", reason);
    }

    [Fact]
    public void BeyondItsLimitItIsGivenUpAndLeavesNoMarker()
    {
        using var folder = new TemporaryFolder();
        using Journal journal = Journal.Create(folder.Path, 10_000);
        for (ulong i = 1; journal.GivenUp is null; i++)
        {
            Assert.True(i < 200, "the journal is not bounded");
            Append(journal, i, "name");
        }

        Assert.Equal(0, journal.Bytes);
        journal.CloseClean(7, 3, 99, 100, _chapter);
        Assert.False(File.Exists(Path.Combine(folder.Path, Journal.MarkerName)));
    }

    private static void Close(string folder)
    {
        using Journal journal = Journal.Create(folder, BytesMax);
        journal.Restart(5, keepsDirty: false);
        Append(journal, 5, "a");
        Append(journal, 6, "b");
        journal.AppendFiller(7);
        Append(journal, 8, "c");
        journal.Dirty.Mark(1, 42, RecorderBench.HandleOf(42), 100, 200);
        journal.Dirty.Mark(1, 42, RecorderBench.HandleOf(42), 9 << 20, ByteRange.ToTheEnd);
        journal.CloseClean(7, 3, 99, 8, _chapter);
    }

    private static void Append(Journal journal, ulong sequence, string name)
    {
        var header = OperationHeader.Of(OperationKind.Create, 0, 100 + sequence);
        header.Sequence = sequence;
        journal.Append(ref header, System.Text.Encoding.UTF8.GetBytes(name), [], []);
    }

    private static List<string> Names(Journal journal)
    {
        var cursor = new JournalCursor(journal);
        var names = new List<string>();
        while (cursor.TryNext(out Operation operation, out _))
        {
            if (operation.Header.Kind != OperationKind.Ping)
                names.Add(System.Text.Encoding.UTF8.GetString(operation.Name));
        }

        Assert.False(cursor.IsDamaged);
        return names;
    }
}
