using SafeKit.Core;
using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Tests.Recording;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Marks;

/// <summary>What is on the disk after a crash at any moment, and what damage of it does.</summary>
public sealed class MarkLogTests : IDisposable
{
    private static readonly byte[] _owner = KeptMarks.Owner(Guid.Parse("11111111-2222-3333-4444-555555555555"), "signature");
    private static readonly Checkpoint _first = new(7, 10);
    private static readonly Checkpoint _second = new(7, 20);

    private const int BlocksLooked = 7;

    private readonly TemporaryFolder _folder = new();

    private string Folder => _folder.Sub("state");

    private string Path => System.IO.Path.Combine(Folder, MarkLog.Name);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhereThereWasNoLogThereIsNothingToSay() => Assert.Null(MarkLog.Read(Folder, _owner));

    [Fact]
    public void MarksAreReadWithTheCheckpointThatTheyBeginAt()
    {
        using MarkLog log = Began(_first);
        log.Append(Directory("a"), 0);
        log.Append(new MarkRecord(MarkKind.Range, 1, "a/f"u8.ToArray(), 4096, 8192), 4096);
        log.Append(new MarkRecord(MarkKind.Whole, 0, "b"u8.ToArray()), 100);
        KeptMarks kept = MarkLog.Read(Folder, _owner)!;
        Assert.Equal((_first, ""), (kept.Base, kept.Problem));
        Assert.Equal(["Directory 0 a 0-0", "Range 1 a/f 4096-8192", "Whole 0 b 0-0"], Shown(kept));
        Assert.Equal(4196, log.MarkedBytes);
    }

    [Fact]
    public void ACheckpointThatOneNodeAloneHasDoesNotCount()
    {
        using MarkLog log = Began(_first);
        log.Append(Directory("old"), 0);
        log.BeginEpoch();
        log.Expect(_second);
        log.Append(Directory("new"), 0);
        log.OwnHas(_second);
        log.TrySettle();
        Assert.False(log.IsSettled);
        Assert.Equal((_first, "Directory 0 old 0-0, Directory 0 new 0-0"), BaseAndMarks());
        log.PeerHas(_second);
        Assert.Equal(_first, BaseAndMarks().Base);
        log.TrySettle();
        Assert.True(log.IsSettled);
        Assert.Equal((_second, "Directory 0 new 0-0"), BaseAndMarks());
    }

    [Fact]
    public void WithoutANewMarkTheOldCheckpointIsGoodEnough()
    {
        using MarkLog log = Began(_first);
        log.Append(Directory("old"), 0);
        log.BeginEpoch();
        Assert.Equal((_first, "Directory 0 old 0-0"), BaseAndMarks());
    }

    [Fact]
    public void AnEpochThatDidNotSettleGoesOn()
    {
        using MarkLog log = Began(_first);
        log.BeginEpoch();
        log.Expect(_second);
        log.PeerHas(_second);
        log.Append(Directory("one"), 0);
        long epoch = log.Epoch;
        log.BeginEpoch();
        log.OwnHas(_second);
        log.TrySettle();
        Assert.Equal(epoch, log.Epoch);
        Assert.Equal(_first, BaseAndMarks().Base);
        log.Expect(new Checkpoint(8, 1));
        log.PeerHas(new Checkpoint(8, 1));
        log.OwnHas(new Checkpoint(8, 1));
        log.TrySettle();
        Assert.Equal((new Checkpoint(8, 1), "Directory 0 one 0-0"), BaseAndMarks());
    }

    [Fact]
    public void ManyEpochsTakeTurns()
    {
        using MarkLog log = Began(_first);
        for (ulong i = 1; i < 9; i++)
        {
            var checkpoint = new Checkpoint(7, 10 + i);
            log.BeginEpoch();
            log.Expect(checkpoint);
            for (ulong j = 0; j < 9 - i; j++)
                log.Append(Directory($"d{i}.{j}"), 0);
            log.PeerHas(checkpoint);
            log.OwnHas(checkpoint);
            log.TrySettle();
            Assert.Equal(checkpoint, BaseAndMarks().Base);
            Assert.StartsWith($"Directory 0 d{i}.0 ", BaseAndMarks().Marks, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void BeforeThereIsACheckpointItIsOfNoUse()
    {
        using MarkLog log = Create();
        Assert.Equal("its mark log is empty", Problem());
        log.BeginEpoch();
        log.Append(Directory("a"), 0);
        Assert.Equal("its mark log begins with no checkpoint that both nodes had", Problem());
    }

    [Fact]
    public void WhatIsGivenUpSaysWhy()
    {
        using MarkLog log = Began(_first);
        log.GiveUp("a directory moved");
        log.Append(Directory("later"), 0);
        Assert.Equal("its mark log was given up: a directory moved", Problem());
        log.BeginEpoch();
        log.Append(Directory("next"), 0);
        Assert.Equal("its mark log was given up: a directory moved", Problem());
        log.Expect(_second);
        log.PeerHas(_second);
        log.OwnHas(_second);
        log.TrySettle();
        Assert.Equal((_second, "Directory 0 next 0-0"), BaseAndMarks());
    }

    [Fact]
    public void MoreThanItHasRoomForIsGivenUp()
    {
        using MarkLog log = Began(_first);
        string name = new('x', 900);
        for (int i = 0; i < 1500; i++)
            log.Append(Directory($"{name}{i}"), 0);
        Assert.Equal("its mark log was given up: more has changed than it has room for", Problem());
        Assert.True(log.IsNearlyFull);
    }

    [Fact]
    public void ALogOfOtherDataIsNotUsed()
    {
        using MarkLog log = Began(_first);
        Assert.Equal("its mark log is of other data", MarkLog.Read(Folder, KeptMarks.Owner(Guid.NewGuid(), "signature"))!.Problem);
    }

    [Fact]
    public void AfterTheEndThereIsNone()
    {
        using MarkLog log = Began(_first);
        log.End();
        log.Append(Directory("a"), 0);
        log.GiveUp("it has ended");
        Assert.Null(MarkLog.Read(Folder, _owner));
    }

    [Fact]
    public void WhereTheDiskRefusesThereIsNone()
    {
        var told = new List<string>();
        MarkLog log = MarkLog.Create(Folder, 1, told.Add, Assert.Fail);
        log.Owner = _owner;
        log.BeginEpoch();
        log.Dispose();
        log.Append(Directory("a"), 0);
        Assert.Single(told);
        Assert.True(log.HasEnded);
        Assert.Null(MarkLog.Read(Folder, _owner));
    }

    [LoopFact]
    public void WhereTheDiskRefusesEvenTheRemovalNoChangeIsMade()
    {
        using var disk = new LoopDisk(16);
        var told = new List<string>();
        using MarkLog log = MarkLog.Create(disk.Sub("state"), 1, Assert.Fail, told.Add);
        log.Owner = _owner;
        log.BeginEpoch();
        disk.Break();

        Assert.Throws<SafeKitException>(() => log.Append(Directory("a"), 0));
        Assert.Throws<SafeKitException>(() => log.GiveUp("anything"));
        Assert.Single(told);
    }

    [Fact]
    public void ManyThreadsShareTheDisk()
    {
        using MarkLog log = Began(_first);
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => log.Append(Directory($"d{i}"), 0));
        Assert.Equal(400, MarkLog.Read(Folder, _owner)!.Marks.Select(mark => string.Join(' ', mark.Path)).Distinct().Count());
    }

    /// <summary>Every bit of what was written, and some around it: the marks are all there, or it is known that they are not.</summary>
    [Fact]
    public void NoBitFlipsUnnoticed()
    {
        using (MarkLog log = Began(_first))
        {
            log.Append(Directory("in the first epoch"), 0);
            log.BeginEpoch();
            log.Expect(_second);
            log.Append(Directory("in the second"), 0);
            log.Append(Directory(new string('x', 700)), 0);
        }

        // The beginning of each of the four places is enough: the rest is zeros, and every flip reads everything.
        byte[] file = File.ReadAllBytes(Path);
        byte[] whole = [.. Enumerable.Range(0, 4).SelectMany(place => file.AsSpan(place * file.Length / 4, BlocksLooked * MarkBlock.Bytes).ToArray())];
        string all = Shown(whole);
        int noticed = 0;
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
            string shown = Shown(whole);
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(shown == all || shown == "its mark log is damaged", $"bit {bit}: {shown}");
            noticed += shown == all ? 0 : 1;
        }

        Assert.True(noticed > 0, "something where nothing was written is damage");
    }

    [Fact]
    public void ALogThatIsCutOffAnywhereIsNotUsed()
    {
        using (MarkLog log = Began(_first))
            log.Append(Directory("a"), 0);
        byte[] whole = File.ReadAllBytes(Path);
        foreach (int length in (int[])[1, 511, 512, 513, 1024, whole.Length / 2, whole.Length - 1, whole.Length + 1])
        {
            byte[] cut = new byte[length];
            whole.AsSpan(0, Math.Min(length, whole.Length)).CopyTo(cut);
            File.WriteAllBytes(Path, cut);
            Assert.Contains($"has {length} bytes", Problem(), StringComparison.Ordinal);
        }
    }

    /// <summary>Whole blocks that were lost in both places, or are old again.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void ABlockThatIsLostInBothPlacesIsMissedByWhatFollows(int index)
    {
        using (MarkLog log = Began(_first))
        {
            log.Append(Directory("a"), 0);
            log.Append(Directory("b"), 0);
            log.Append(Directory("c"), 0);
        }

        byte[] whole = File.ReadAllBytes(Path);
        int copy = whole.Length / 4;
        whole.AsSpan(index * MarkBlock.Bytes, MarkBlock.Bytes).Clear();
        whole.AsSpan(copy + (index * MarkBlock.Bytes), MarkBlock.Bytes).Clear();
        Assert.Equal("its mark log is damaged", Shown(whole));
    }

    private static MarkRecord Directory(string path) => new(MarkKind.Directory, 0, System.Text.Encoding.UTF8.GetBytes(path));

    private static IEnumerable<string> Shown(KeptMarks kept) => kept.Marks.Select(
        mark => $"{mark.Kind} {mark.Tree} {System.Text.Encoding.UTF8.GetString(mark.Path)} {mark.Start}-{mark.End}");

    private static string Shown(byte[] whole)
    {
        int slot = whole.Length / 2;
        KeptMarks kept = KeptMarks.Of(In(whole.AsSpan(0, slot)), In(whole.AsSpan(slot)), _owner);
        return kept.Problem.Length > 0 ? kept.Problem : $"{kept.Base} {string.Join(", ", Shown(kept))}";
    }

    private static MarkSlot In(ReadOnlySpan<byte> slot) => MarkSlot.Read(slot[..(slot.Length / 2)], slot[(slot.Length / 2)..]);

    private MarkLog Create()
    {
        MarkLog log = MarkLog.Create(Folder, 1, Assert.Fail, Assert.Fail);
        log.Owner = _owner;
        return log;
    }

    private MarkLog Began(Checkpoint checkpoint)
    {
        MarkLog log = Create();
        log.BeginEpoch();
        log.Expect(checkpoint);
        log.PeerHas(checkpoint);
        log.OwnHas(checkpoint);
        log.TrySettle();
        return log;
    }

    private (Checkpoint Base, string Marks) BaseAndMarks()
    {
        KeptMarks kept = MarkLog.Read(Folder, _owner)!;
        Assert.Equal("", kept.Problem);
        return (kept.Base, string.Join(", ", Shown(kept)));
    }

    private string Problem() => MarkLog.Read(Folder, _owner)!.Problem;
}
