using System.Text;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Replay;
using static SafeKit.Mirror.Tests.Replay.ReplayBench;

namespace SafeKit.Mirror.Tests.Replay;

public sealed class LiveReplayTests : IDisposable
{
    private readonly ReplayBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void AFileIsCreatedWrittenMovedAndRemoved()
    {
        _bench.Create(100, Root, "sub", Folder | 0x1ED);
        _bench.Create(101, 100, "file", Regular | 0x1A4);
        _bench.Write(101, 0, "hello world");
        _bench.Write(101, 6, "there");
        Assert.Equal("hello there", _bench.Text("sub/file"));

        _bench.Rename(101, 100, "file", Root, "other");
        _bench.Write(101, 0, "HELLO");
        Assert.Equal("HELLO there", _bench.Text("other"));

        _bench.Named(OperationKind.Unlink, 101, Root, "other", OperationFlags.LastName);
        _bench.Named(OperationKind.RemoveDirectory, 100, Root, "sub", OperationFlags.LastName);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_bench.Path));
    }

    [Theory]
    [InlineData(0x1B6u)]
    [InlineData(0xFFFu)]
    [InlineData(0x000u)]
    [InlineData(0xDB6u)]
    public void OwnerAndModeAreExactWhateverTheUmask(uint mode)
    {
        uint before = LibC.umask(0x3F);
        try
        {
            _bench.Create(1001, Root, "file", Regular | mode, 1234, 2345);
            _bench.Create(1002, Root, "folder", Folder | mode, 1234, 2345);
            _bench.Create(1003, Root, "pipe", LibC.S_IFIFO | mode, 1234, 2345);
            _bench.Create(1004, Root, "link", SymbolicLink | 0x1FF, 1234, 2345, target: "/nowhere/at all");
            _bench.Create(1005, Root, "device", LibC.S_IFCHR | mode, 7, 8, device: 0x103);
        }
        finally
        {
            LibC.umask(before);
        }

        foreach (string name in new[] { "file", "folder", "pipe" })
            Assert.Equal((mode, 1234u, 2345u), (_bench.Stat(name).Mode & 0xFFFu, _bench.Stat(name).UserId, _bench.Stat(name).GroupId));
        Assert.Equal((1234u, 2345u), (_bench.Stat("link").UserId, _bench.Stat("link").GroupId));
        Assert.Equal("/nowhere/at all", new FileInfo(_bench.At("link")).LinkTarget);
        Assert.Equal((0x103u, LibC.S_IFCHR, mode), (_bench.Stat("device").Rdev, _bench.Stat("device").Type, _bench.Stat("device").Mode & 0xFFFu));
    }

    /// <summary>The disk may lose power between any two calls: there must be no second one.</summary>
    [Fact]
    public async Task OwnerAndModeAreThereFromTheFirstMoment()
    {
        var seen = new List<string>();
        var end = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(_bench.Path)
        {
            NotifyFilter = NotifyFilters.Attributes | NotifyFilters.FileName | NotifyFilters.DirectoryName,
        };
        watcher.Changed += (_, change) => seen.Add(change.Name!);
        watcher.Created += (_, change) => _ = change.Name == "end" && end.TrySetResult();
        watcher.EnableRaisingEvents = true;
        var applier = new Thread(() =>
        {
            CreatorIdentity.Prepare();
            _bench.Create(1001, Root, "file", Regular | 0x9A4, 1234, 2345);
            _bench.Create(1002, Root, "folder", Folder | 0x1C0, 1234, 2345);
            _bench.Create(1003, 1002, "below", Regular | 0x100, 0, 2345);
            _bench.Create(1004, Root, "pipe", LibC.S_IFIFO | 0x1B6, 1234, 0);
            _bench.Create(1005, Root, "end", Regular | 0x1A4);
        });
        applier.Start();
        applier.Join();
        await end.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(seen);
        Assert.Equal((0x9A4u, 1234u, 2345u), (_bench.Stat("file").Mode & 0xFFFu, _bench.Stat("file").UserId, _bench.Stat("file").GroupId));
        Assert.Equal((0x100u, 0u, 2345u), (_bench.Stat("folder/below").Mode & 0xFFFu, _bench.Stat("folder/below").UserId, _bench.Stat("folder/below").GroupId));
    }

    [Fact]
    public void AttributesAreSetAsTheMaskSays()
    {
        _bench.Create(9, Root, "file", Regular | 0x1A4, 5, 6);
        _bench.Write(9, 0, "0123456789");
        Set(AttributeMask.Size, h => h with { Length = 4 });
        Assert.Equal("0123", _bench.Text("file"));
        Set(AttributeMask.UserId, h => h with { UserId = 77 });
        Set(AttributeMask.Mode | AttributeMask.GroupId, h => h with { Mode = 0xDED, GroupId = 88 });

        Statx stat = _bench.Stat("file");
        Assert.Equal((0xDEDu, 77u, 88u), (stat.Mode & 0xFFFu, stat.UserId, stat.GroupId));

        void Set(AttributeMask mask, Func<OperationHeader, OperationHeader> with)
        {
            OperationHeader header = with(OperationHeader.Of(OperationKind.SetAttributes, 0, 9));
            header.Argument = (uint)mask;
            _bench.Apply(header);
        }
    }

    [Fact]
    public void ModificationTimesOfFilesAndFoldersAreThoseOfThePrimary()
    {
        const long folderNs = 1_000_000_000_123_456_789;
        const long fileNs = -5_000_000_001;
        OperationHeader create = OperationHeader.Of(OperationKind.Create, 0, 50);
        create.Parent = Root;
        create.Mode = Regular | 0x1A4;
        create.ParentMtimeNs = folderNs;
        create.MtimeNs = 1;
        _bench.Apply(create, "file");
        _bench.Write(50, 0, "x", fileNs);

        _bench.Replayer.Settle();

        Assert.Equal(folderNs, _bench.Stat(".").MtimeNs);
        Assert.Equal(fileNs, _bench.Stat("file").MtimeNs);
    }

    [Fact]
    public void ABarrierSettlesTheTimeOfItsFile()
    {
        using var bench = new ReplayBench { SyncsBarriers = true };
        bench.Create(50, Root, "file", Regular | 0x1A4);
        bench.Write(50, 0, "x", 123456789);

        bench.Apply(OperationHeader.Of(OperationKind.Sync, 0, 50));

        Assert.Equal(123456789, bench.Stat("file").MtimeNs);
        Assert.Equal([bench.Replayer.Applied], bench.Barriers);
    }

    [Fact]
    public void BarriersOfTwoFilesThatHadOneNumberAreNotTheSame()
    {
        using var bench = new ReplayBench { SyncsBarriers = true };
        bench.Create(50, Root, "former", Regular | 0x1A4);
        bench.Apply(OperationHeader.Of(OperationKind.Sync, 0, 50));
        bench.Named(OperationKind.Unlink, 50, Root, "former", OperationFlags.LastName);
        bench.Create(50, Root, "later", Regular | 0x1A4);
        bench.Apply(OperationHeader.Of(OperationKind.Sync, 0, 50));
        bench.Apply(OperationHeader.Of(OperationKind.Sync, 0, 50));

        Assert.NotEqual(bench.BarrierInodes[0], bench.BarrierInodes[1]);
        Assert.Equal(bench.BarrierInodes[1], bench.BarrierInodes[2]);
    }

    [Fact]
    public void HardLinksStandForOneFile()
    {
        _bench.Create(60, Root, "one", Regular | 0x1A4);
        _bench.Named(OperationKind.Link, 60, Root, "two");
        _bench.Named(OperationKind.Unlink, 60, Root, "one");
        _bench.Write(60, 0, "still here");

        Assert.Equal("still here", _bench.Text("two"));
        Assert.Equal(1u, _bench.Stat("two").Links);
    }

    [Fact]
    public void RenameOverAFileForgetsItAndExchangeForgetsNothing()
    {
        _bench.Create(70, Root, "a", Regular | 0x1A4);
        _bench.Create(71, Root, "b", Regular | 0x1A4);
        _bench.Write(70, 0, "a");
        _bench.Write(71, 0, "b");
        _bench.Rename(70, Root, "a", Root, "b", LibC.RENAME_EXCHANGE, 71);
        Assert.Equal(("b", "a"), (_bench.Text("a"), _bench.Text("b")));

        _bench.Rename(71, Root, "a", Root, "b", 0, 70, OperationFlags.LastName);

        Assert.Equal("b", _bench.Text("b"));
        Assert.Throws<ReplayException>(() => _bench.Write(70, 0, "gone"));
    }

    [Fact]
    public void ExtendedAttributesOfEveryClassAreSetAndRemoved()
    {
        _bench.Create(80, Root, "file", Regular | 0x1A4);
        foreach (string name in new[] { "user.comment", "trusted.safekit", "security.safekit" })
        {
            _bench.Apply(OperationHeader.Of(OperationKind.SetXattr, 0, 80), name, data: Encoding.UTF8.GetBytes("value of " + name));
            Assert.Equal("value of " + name, Encoding.UTF8.GetString(_bench.Xattr("file", name)!));
            _bench.Apply(OperationHeader.Of(OperationKind.RemoveXattr, 0, 80), name);
            Assert.Null(_bench.Xattr("file", name));
        }
    }

    [Fact]
    public void AllocationAndHolesAreMade()
    {
        _bench.Create(90, Root, "file", Regular | 0x1A4);
        OperationHeader allocate = OperationHeader.Of(OperationKind.Allocate, 0, 90);
        allocate.Length = 1 << 20;
        _bench.Apply(allocate);
        Assert.Equal(1UL << 20, _bench.Stat("file").Size);
        ulong full = _bench.Stat("file").Blocks;

        OperationHeader hole = OperationHeader.Of(OperationKind.Hole, 0, 90);
        hole.Offset = 64 << 10;
        hole.Length = 512 << 10;
        _bench.Apply(hole);

        Assert.Equal(full - 1024, _bench.Stat("file").Blocks);
        Assert.Equal(1UL << 20, _bench.Stat("file").Size);
    }

    [Fact]
    public void AFileOfThePrimaryIsIntroducedByName()
    {
        File.WriteAllText(_bench.At("there"), "before");
        File.CreateSymbolicLink(_bench.At("link"), "there");
        _bench.Introduce(5, Root, "there");
        _bench.Write(5, 0, "BEF");
        Assert.Equal("BEFore", _bench.Text("there"));

        // The link itself is meant, never what it points to.
        _bench.Introduce(6, Root, "link");
        Assert.Throws<ReplayException>(() => _bench.Write(6, 0, "x"));
        Assert.Equal("BEFore", _bench.Text("there"));
    }

    [Fact]
    public void ManyFilesAreReachedWithFewDescriptors()
    {
        const int count = 3000;
        for (int i = 0; i < count; i++)
            _bench.Create((ulong)(1000 + i), Root, $"f{i}", Regular | 0x1A4);
        for (int i = 0; i < count; i++)
            _bench.Write((ulong)(1000 + i), 0, $"{i}", mtimeNs: i);
        _bench.Replayer.Settle();

        for (int i = 0; i < count; i += 7)
            Assert.Equal((long)i, _bench.Stat($"f{i}").MtimeNs);
        Assert.Equal("2999", _bench.Text("f2999"));
        int open = Directory.GetFiles("/proc/self/fd").Length;
        Assert.True(open < 1000, $"{open} descriptors are open");
    }
}
