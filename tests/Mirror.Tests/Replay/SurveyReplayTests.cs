using System.Text;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Replay;
using static SafeKit.Mirror.Tests.Replay.ReplayBench;

namespace SafeKit.Mirror.Tests.Replay;

public sealed class SurveyReplayTests : IDisposable
{
    private readonly string _source = Directory.CreateTempSubdirectory("safekit-survey-").FullName;
    private readonly ReplayBench _bench = new();

    public SurveyReplayTests() => _bench.Replayer.Begin(1, ReintegrationKind.Survey);

    public void Dispose()
    {
        _bench.Dispose();
        Directory.Delete(_source, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void AnyTreeBecomesAnyOther(int seed)
    {
        new RandomTree(_source, seed).Grow(80);
        new RandomTree(_bench.Path, seed + 100).Grow(80);

        new TestSurvey(_source, _bench).Run();

        Assert.Equal(TreeText.Of(_source), TreeText.Of(_bench.Path));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void ASecondSurveyChangesNothing(int seed)
    {
        new RandomTree(_source, seed).Grow(60);
        new TestSurvey(_source, _bench).Run();
        ulong[] inodes = [.. Inodes()];
        _bench.Replayer.Forget();
        _bench.Replayer.Begin(1, ReintegrationKind.Survey);
        _bench.Digests.Clear();

        new TestSurvey(_source, _bench).Run();

        Assert.Equal(inodes, Inodes());
        Assert.DoesNotContain(_bench.Digests, d => !d.Equal);
        Assert.Equal(TreeText.Of(_source), TreeText.Of(_bench.Path));
    }

    [Fact]
    public void RulesForFilesOnlyKeepNoDirectory()
    {
        using var bench = new ReplayBench(
            (path, isDirectory) => !isDirectory && !Encoding.UTF8.GetString(path).EndsWith(".db", StringComparison.Ordinal));
        bench.Replayer.Begin(1, ReintegrationKind.Survey);
        Directory.CreateDirectory(bench.At("extra/below"));
        File.WriteAllText(bench.At("extra/below/a.db"), "not on the primary");
        File.WriteAllText(bench.At("own.txt"), "left to each node");

        bench.List(Root, OperationFlags.Reintegration);

        Assert.Equal([bench.At("own.txt")], Directory.GetFileSystemEntries(bench.Path));
    }

    [Fact]
    public void ARenameOntoAnotherLinkOfTheSameFileTakesTheOldNameAway()
    {
        File.WriteAllText(_bench.At("a"), "content");
        Support.Posix.Link(_bench.At("a"), _bench.At("b"));
        _bench.Introduce(50, Root, "a");

        _bench.Rename(50, Root, "a", Root, "b", otherFile: 51);

        Assert.Equal([_bench.At("b")], Directory.GetFileSystemEntries(_bench.Path));
        _bench.Rename(50, Root, "b", Root, "b");
        Assert.Equal("content", _bench.Text("b"));
    }

    [Fact]
    public void WhatASurveyHasTakenAwayAlreadyIsNoFailureWhileItGoesOn()
    {
        File.WriteAllText(_bench.At("gone"), "content");
        _bench.Introduce(60, Root, "gone");
        _bench.Introduce(61, Root, "gone");
        File.Delete(_bench.At("gone"));
        _bench.Named(OperationKind.Unlink, 60, Root, "gone");
        _bench.Write(60, 0, "for a file that comes with another directory");
        OperationHeader digest = OperationHeader.Of(OperationKind.Digest, 0, 60);
        digest.Length = 10;
        _bench.Apply(digest, data: new byte[32]);
        Assert.True(Assert.Single(_bench.Digests).Equal);

        _bench.Replayer.Begin(_bench.Replayer.Applied + 1, ReintegrationKind.Survey);
        _bench.Replayer.Begin(_bench.Replayer.Applied + 2, ReintegrationKind.None);
        ReplayException failure = Assert.Throws<ReplayException>(() => _bench.Named(OperationKind.Unlink, 60, Root, "gone"));
        Assert.True(failure.MeansOtherTree, failure.Message);
        Assert.True(Assert.Throws<ReplayException>(() => _bench.Write(60, 0, "x")).MeansOtherTree);
    }

    [Fact]
    public void NamesThatAreLeftToEachNodeStay()
    {
        using var bench = new ReplayBench((path, _) => Encoding.UTF8.GetString(path) is "own" or "extra/own" or "lost+found");
        Directory.CreateDirectory(bench.At("extra/deep/deeper"));
        foreach (string name in new[] { "own", "extra/own", "extra/other", "extra/deep/deeper/file", "other" })
            File.WriteAllText(bench.At(name), name);
        bench.Replayer.Begin(1, ReintegrationKind.Survey);

        bench.List(Root, OperationFlags.None, (100, Regular | 0x1A4, "new", ""));

        Assert.Equal(["extra", "extra/own", "new", "own"], Names(bench));

        // The directory is there for the node's own file only: the primary's becomes it.
        bench.Create(200, Root, "extra", Folder | 0x1ED);
        bench.Create(201, 200, "file", Regular | 0x1A4);
        Assert.Equal(["extra", "extra/file", "extra/own", "new", "own"], Names(bench));
        bench.Named(OperationKind.Unlink, 201, 200, "file", OperationFlags.LastName);
        bench.Named(OperationKind.RemoveDirectory, 200, Root, "extra", OperationFlags.LastName);
        Assert.Equal(["extra", "extra/own", "new", "own"], Names(bench));
    }

    [Fact]
    public void AHardLinkThatIsNoneOnThePrimaryIsBroken()
    {
        File.WriteAllText(_bench.At("a"), "same");
        Link("a", "b");

        _bench.List(Root, OperationFlags.None, (10, Regular | 0x1A4, "a", ""), (11, Regular | 0x1A4, "b", ""));
        _bench.Write(11, 0, "other");

        Assert.Equal(("same", "other"), (_bench.Text("a"), _bench.Text("b")));
    }

    [Fact]
    public void TwoFilesThatAreOneOnThePrimaryBecomeOne()
    {
        File.WriteAllText(_bench.At("a"), "one");
        File.WriteAllText(_bench.At("b"), "two");
        Directory.CreateDirectory(_bench.At("sub"));

        _bench.List(Root, OperationFlags.None, (10, Regular | 0x1A4, "a", ""), (10, Regular | 0x1A4, "b", ""), (12, Folder | 0x1ED, "sub", ""));
        _bench.List(12, OperationFlags.None, (10, Regular | 0x1A4, "c", ""));

        Assert.Equal(3u, _bench.Stat("sub/c").Links);
        Assert.Equal(("one", "one", "one"), (_bench.Text("a"), _bench.Text("b"), _bench.Text("sub/c")));
    }

    [Fact]
    public void ADeepTreeIsRemovedWithoutDeepMeans()
    {
        MakeDeep(_bench.Path, depth: 1500);

        _bench.List(Root, OperationFlags.None);

        Assert.Empty(Directory.GetFileSystemEntries(_bench.Path));
    }

    [Fact]
    public void ADirectoryThatMovedIsBroughtAlong()
    {
        Directory.CreateDirectory(_bench.At("one/inner"));
        Directory.CreateDirectory(_bench.At("two"));
        File.WriteAllText(_bench.At("one/inner/file"), "content");
        _bench.List(Root, OperationFlags.None, (10, Folder | 0x1ED, "one", ""), (11, Folder | 0x1ED, "two", ""));
        _bench.List(10, OperationFlags.None, (12, Folder | 0x1ED, "inner", ""));

        _bench.List(11, OperationFlags.None, (12, Folder | 0x1ED, "moved", ""));

        Assert.Equal("content", _bench.Text("two/moved/file"));
        Assert.False(Directory.Exists(_bench.At("one/inner")));
    }

    [Fact]
    public void WhatThePrimaryRemovedUnseenGoesWithItsDirectory()
    {
        Directory.CreateDirectory(_bench.At("old/below"));
        Directory.CreateDirectory(_bench.At("full/below"));
        File.WriteAllText(_bench.At("old/below/file"), "x");
        _bench.List(Root, OperationFlags.None, (10, Folder, "old", ""), (11, Folder, "full", ""), (12, Folder, "new", ""));

        _bench.Named(OperationKind.RemoveDirectory, 10, Root, "old", OperationFlags.LastName);
        _bench.Rename(12, Root, "new", Root, "full", 0, 11, OperationFlags.LastName);

        Assert.Equal(["full"], Names(_bench));
        _bench.Replayer.Begin(_bench.Replayer.Applied + 2, ReintegrationKind.None);
        Directory.CreateDirectory(_bench.At("full/below"));
        Assert.Throws<ReplayException>(() => _bench.Named(OperationKind.RemoveDirectory, 12, Root, "full", OperationFlags.LastName));
    }

    [Fact]
    public void ExtendedAttributesBecomeExactlyThose()
    {
        _bench.Create(10, Root, "file", Regular | 0x1A4);
        _bench.SetXattr("file", "user.extra", [1]);
        _bench.SetXattr("file", "trusted.extra", [2]);
        _bench.SetXattr("file", "user.kept", [3]);
        byte[] large = new byte[3000];
        new Random(5).NextBytes(large);
        OperationHeader header = OperationHeader.Of(OperationKind.Attributes, 0, 10);
        header.Mode = Regular | 0xDA4;

        _bench.Apply(header, data: Xattrs(("user.kept", [3]), ("user.empty", []), ("trusted.large", large), ("system.posix_acl_access", Acl())));

        Assert.Equal(
            ["system.posix_acl_access", "trusted.large", "user.empty", "user.kept"],
            TreeText.XattrsOf(_bench.At("file")).Select(x => x.Name));
        Assert.Equal(large, _bench.Xattr("file", "trusted.large"));
        Assert.Equal(0xDA4u, _bench.Stat("file").Mode & 0xFFFu);
    }

    [Fact]
    public void DigestsAreComparedOverWhatIsThere()
    {
        _bench.Create(10, Root, "file", Regular | 0x1A4);
        _bench.Write(10, 0, "0123456789");

        Digest(0, 10, "0123456789");
        Digest(0, 100, "0123456789");
        Digest(5, 5, "56789");
        Digest(5, 5, "5678x");
        Digest(10, 5, "");
        Digest(10, 5, "x");
        Digest(0, 0, "");

        Assert.Equal([true, true, true, false, true, false, true], _bench.Digests.Select(d => d.Equal));

        void Digest(long offset, long length, string content)
        {
            OperationHeader header = OperationHeader.Of(OperationKind.Digest, 0, 10);
            (header.Offset, header.Length) = (offset, length);
            _bench.Apply(header, data: System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(content)));
        }
    }

    /// <summary>linux/posix_acl_xattr.h: version 2, then tag, permissions, id of each entry.</summary>
    private static byte[] Acl() =>
    [
        2, 0, 0, 0,
        1, 0, 6, 0, 255, 255, 255, 255,
        2, 0, 4, 0, 7, 0, 0, 0,
        4, 0, 4, 0, 255, 255, 255, 255,
        16, 0, 4, 0, 255, 255, 255, 255,
        32, 0, 4, 0, 255, 255, 255, 255,
    ];

    /// <summary>Longer than any path may be: one level at a time, from descriptor to descriptor.</summary>
    private static unsafe void MakeDeep(string path, int depth)
    {
        fixed (byte* start = Encoding.UTF8.GetBytes(path + "\0"), folder = "deep-directory\0"u8, file = "file\0"u8)
        {
            int current = LibC.open(start, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
            for (int i = 0; i < depth; i++)
            {
                Assert.Equal(0, LibC.mknodat(current, file, Regular | 0x1A4, 0));
                Assert.Equal(0, LibC.mkdirat(current, folder, 0x1C0));
                int below = LibC.openat(current, folder, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
                _ = LibC.close(current);
                current = below;
            }

            _ = LibC.close(current);
        }
    }

    private unsafe void Link(string from, string to)
    {
        fixed (byte* source = Encoding.UTF8.GetBytes(_bench.At(from) + "\0"), target = Encoding.UTF8.GetBytes(_bench.At(to) + "\0"))
            Assert.Equal(0, LibC.linkat(LibC.AT_FDCWD, source, LibC.AT_FDCWD, target, 0));
    }

    private IEnumerable<ulong> Inodes() =>
        TreeText.Walk(_bench.Path).Order(StringComparer.Ordinal).Select(p => TreeText.Stat(p).Inode);

    private static IEnumerable<string> Names(ReplayBench bench) =>
        TreeText.Walk(bench.Path).Skip(1)
            .Select(p => Path.GetRelativePath(bench.Path, p)).Order(StringComparer.Ordinal);
}
