using System.Text;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Replay;
using static SafeKit.Mirror.Tests.Replay.ReplayBench;

namespace SafeKit.Mirror.Tests.Replay;

/// <summary>What may come from the network and must do nothing.</summary>
public sealed class HostileReplayTests : IDisposable
{
    private readonly string _around = Directory.CreateTempSubdirectory("safekit-hostile-").FullName;
    private readonly ReplayBench _bench;

    public HostileReplayTests()
    {
        string folder = Path.Combine(_around, "tree");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(_around, "outside"), "untouched");
        _bench = new ReplayBench(folder: folder);
        _bench.Create(10, Root, "file", Regular | 0x1A4);
        _bench.Create(11, Root, "folder", Folder | 0x1ED);
        _bench.Create(12, Root, "link", SymbolicLink | 0x1FF, target: "../outside");
        _bench.Create(13, Root, "up", SymbolicLink | 0x1FF, target: "..");
    }

    public void Dispose()
    {
        _bench.Dispose();
        Assert.Equal("untouched", File.ReadAllText(Path.Combine(_around, "outside")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_around).Length);
        Directory.Delete(_around, recursive: true);
    }

    public static TheoryData<byte[]> BadNames => new()
    {
        Array.Empty<byte>(),
        "."u8.ToArray(),
        ".."u8.ToArray(),
        "../outside"u8.ToArray(),
        "folder/x"u8.ToArray(),
        "/etc/passwd"u8.ToArray(),
        "a\0b"u8.ToArray(),
        Encoding.ASCII.GetBytes(new string('x', 256)),
        Encoding.ASCII.GetBytes(new string('x', 65535)),
    };

    [Theory]
    [MemberData(nameof(BadNames))]
    public void ABadNameIsRefusedInEveryOperation(byte[] bad)
    {
        foreach (OperationKind kind in new[] { OperationKind.Introduce, OperationKind.Create, OperationKind.Link, OperationKind.Unlink, OperationKind.RemoveDirectory })
        {
            OperationHeader header = OperationHeader.Of(kind, 0, kind == OperationKind.Create ? 99u : 10u);
            header.Parent = Root;
            header.Mode = Regular | 0x1A4;
            AssertRefused(() => _bench.ApplyBytes(header, bad, [], []));
        }

        OperationHeader rename = OperationHeader.Of(OperationKind.Rename, 0, 10);
        (rename.Parent, rename.OtherParent) = (Root, Root);
        AssertRefused(() => _bench.ApplyBytes(rename, "file"u8.ToArray(), bad, []));
        AssertRefused(() => _bench.ApplyBytes(rename, bad, "other"u8.ToArray(), []));
        if (bad.Length < 4096)
            AssertRefused(() => _bench.List(Root, OperationFlags.None, (99, Regular, Encoding.Latin1.GetString(bad), "")));
        AssertTreeIsWhole();
    }

    [Fact]
    public void UnknownIdsAreNeverGuessed()
    {
        OperationKind[] ofNoFile =
            [OperationKind.Ping, OperationKind.Leave, OperationKind.VerifyEnd, OperationKind.SyncTree, OperationKind.Checkpoint];
        foreach (OperationKind kind in Enum.GetValues<OperationKind>().Except(ofNoFile))
        {
            OperationHeader header = OperationHeader.Of(kind, 0, 4711);
            (header.Parent, header.OtherParent) = (4712, 4713);
            header.Mode = Regular;
            AssertRefused(() => _bench.Apply(header, "file", "file"));
        }

        AssertTreeIsWhole();
    }

    [Fact]
    public void UnknownTreesKindsAndSequencesAreRefused()
    {
        OperationHeader tree = OperationHeader.Of(OperationKind.Write, 1, 10);
        AssertRefused(() => _bench.Apply(tree));
        AssertRefused(() => _bench.Apply(OperationHeader.Of((OperationKind)777, 0, 10)));
        AssertRefused(() => _bench.Apply(OperationHeader.Of(OperationKind.MarkRange, 0, 10)));
        AssertRefused(() => _bench.Apply(OperationHeader.Of(OperationKind.None, 0, 10)));
        AssertRefused(() => _bench.Apply(OperationHeader.Of(OperationKind.ReintegrationEnd, 0, 0), data: "{}"u8.ToArray()));
        Assert.Null(_bench.Ended);
        AssertTreeIsWhole();
    }

    [Fact]
    public void RangesThatAreNoneAreRefused()
    {
        foreach ((long offset, long length) in new[] { (-1L, 10L), (10, -1), (long.MaxValue, 1), (long.MinValue, long.MaxValue) })
        {
            foreach (OperationKind kind in new[] { OperationKind.Allocate, OperationKind.Hole, OperationKind.Digest })
            {
                OperationHeader header = OperationHeader.Of(kind, 0, 10);
                (header.Offset, header.Length) = (offset, length);
                AssertRefused(() => _bench.Apply(header, data: new byte[32]));
            }
        }

        OperationHeader write = OperationHeader.Of(OperationKind.Write, 0, 10);
        write.Offset = -4096;
        AssertRefused(() => _bench.Apply(write, data: new byte[1]));
        OperationHeader size = OperationHeader.Of(OperationKind.SetAttributes, 0, 10);
        (size.Argument, size.Length) = ((uint)AttributeMask.Size, -1);
        AssertRefused(() => _bench.Apply(size));
        AssertTreeIsWhole();
    }

    [Fact]
    public void TheWrongKindOfFileIsRefused()
    {
        AssertRefused(() => _bench.Write(11, 0, "into a folder"));
        AssertRefused(() => _bench.Write(12, 0, "through a link"));
        AssertRefused(() => _bench.Write(Root, 0, "into the root"));
        AssertRefused(() => _bench.Create(99, 10, "below a file", Regular));
        AssertRefused(() => _bench.Create(99, 13, "outside", Regular));
        AssertRefused(() => _bench.Introduce(99, 13, "outside"));
        AssertRefused(() => _bench.Create(FileId.Root, Root, "second root", Folder));
        AssertRefused(() => _bench.Create(0, Root, "nothing", Folder));
        AssertRefused(() => _bench.Create(99, Root, "odd", 0x3000));
        AssertRefused(() => _bench.Named(OperationKind.Link, 11, Root, "second name of a folder"));
        AssertRefused(() => _bench.List(10, OperationFlags.None));
        AssertTreeIsWhole();
    }

    [Fact]
    public void ListingsAndAttributesThatEndTooEarlyAreRefused()
    {
        AssertRefused(() => _bench.Apply(OperationHeader.Of(OperationKind.Listing, 0, 11), data: new byte[7]));
        byte[] entry = new byte[64];
        int bytes = new ListingEntry { File = 98, Mode = Regular, Name = "name"u8, Target = default }.Write(entry);
        AssertRefused(() => _bench.Apply(OperationHeader.Of(OperationKind.Listing, 0, 11), data: entry[..(bytes - 1)]));
        OperationHeader attributes = OperationHeader.Of(OperationKind.Attributes, 0, 10);
        attributes.Mode = Regular | 0x1A4;
        AssertRefused(() => _bench.Apply(attributes, data: [200, 0, 1, 0, 0, 0, 7]));
        AssertRefused(() => _bench.List(11, OperationFlags.None, (98, Regular, "same", ""), (97, Regular, "same", "")));
    }

    [Fact]
    public void ASetXattrThatIsNoneIsRefused()
    {
        OperationHeader header = OperationHeader.Of(OperationKind.SetXattr, 0, 10);
        AssertRefused(() => _bench.Apply(header, ""));
        AssertRefused(() => _bench.Apply(header, "user.a\0b"));
        AssertRefused(() => _bench.Apply(header, "user." + new string('x', 300)));
        header.Argument = 99;
        AssertRefused(() => _bench.Apply(header, "user.x"));
    }

    private void AssertRefused(Action apply)
    {
        ulong before = _bench.Replayer.Applied;
        Assert.Throws<ReplayException>(apply);
        Assert.Equal(before, _bench.Replayer.Applied);
    }

    private void AssertTreeIsWhole()
    {
        Assert.Equal(
            ["file", "folder", "link", "up"],
            Directory.GetFileSystemEntries(_bench.Path).Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(_bench.At("folder")));
        Assert.Equal(0UL, _bench.Stat("file").Size);
        Assert.Equal("../outside", new FileInfo(_bench.At("link")).LinkTarget);
    }
}
