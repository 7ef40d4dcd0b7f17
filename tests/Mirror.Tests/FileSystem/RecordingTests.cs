using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>What a mounted tree tells the recorder.</summary>
[Collection(MountCollection.Name)]
public class RecordingTests
{
    private readonly MemoryRecorder _recorder = new();

    private static void Tree(string folder)
    {
        Directory.CreateDirectory($"{folder}/a/b");
        File.WriteAllText($"{folder}/a/b/file", "old");
        File.WriteAllText($"{folder}/a/other", "old");
    }

    private RecordedOperation[] Of(params OperationKind[] kinds) => [.. _recorder.Operations.Where(o => kinds.Contains(o.Kind))];

    private static void Write(string path, string text)
    {
        int fd = Posix.Open(path, LibC.O_WRONLY);
        Assert.True(fd >= 0);
        Assert.Equal(text.Length, Posix.Write(fd, Posix.Bytes(text).AsSpan(0, text.Length), 0));
        Assert.Equal(0, Posix.Fsync(fd));
        Assert.Equal(0, Posix.Close(fd));
    }

    [MountFact]
    public async Task DirectoriesAreIntroducedFromAboveBeforeTheFile()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Write($"{lab.Path}/a/b/file", "new");
        var operations = _recorder.Operations.Take(4).ToArray();
        Assert.Equal([OperationKind.Introduce, OperationKind.Introduce, OperationKind.Introduce, OperationKind.Write], operations.Select(o => o.Kind));
        Assert.Equal(["a", "b", "file"], operations.Take(3).Select(o => o.Name));
        Assert.Equal([FileId.Root, Posix.Status($"{lab.Path}/a").Inode, Posix.Status($"{lab.Path}/a/b").Inode], operations.Take(3).Select(o => o.Header.Parent));
        Assert.Equal(Posix.Status($"{lab.Path}/a/b/file").Inode, operations[3].Header.File);
        Assert.Equal("new"u8.ToArray(), operations[3].Data);
    }

    [MountFact]
    public async Task AFileIsIntroducedOnceInAnEpochAndAgainInTheNext()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Write($"{lab.Path}/a/other", "new");
        Write($"{lab.Path}/a/other", "xyz");
        Assert.Equal(2, Of(OperationKind.Introduce).Length);
        _recorder.Clear();
        _recorder.Epoch = 2;
        Write($"{lab.Path}/a/other", "abc");
        Assert.Equal(["a", "other"], Of(OperationKind.Introduce).Select(o => o.Name));
    }

    [MountFact]
    public async Task NothingIsIntroducedOrRecordedWithoutAnEpoch()
    {
        _recorder.Introduction = Mirror.Recording.Introduction.None;
        _recorder.Epoch = 0;
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Write($"{lab.Path}/a/other", "new");
        File.Delete($"{lab.Path}/a/other");
        Assert.Empty(_recorder.Operations);
    }

    [MountFact]
    public async Task TheModificationTimeOfAWriteIsThatOfTheFileUnderneath()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        int fd = Posix.Open($"{lab.Path}/a/other", LibC.O_WRONLY | LibC.O_DIRECT);
        Assert.Equal(1, Posix.Write(fd, "x"u8, 0));
        Assert.Equal(Posix.Status($"{lab.Below}/a/other").MtimeNs, Of(OperationKind.Write).Single().Header.MtimeNs);
        Assert.Equal(0, Posix.Close(fd));
    }

    [MountFact]
    public async Task TheModificationTimesOfDirectoriesGoWithNames()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Assert.Equal(0, Posix.MakeDirectory($"{lab.Path}/a/new"));
        Assert.Equal(Posix.Status($"{lab.Below}/a").MtimeNs, Of(OperationKind.Create).Single().Header.ParentMtimeNs);
        Assert.Equal(0, Posix.Rename($"{lab.Path}/a/other", $"{lab.Path}/a/b/moved"));
        OperationHeader rename = Of(OperationKind.Rename).Single().Header;
        Assert.Equal(Posix.Status($"{lab.Below}/a").MtimeNs, rename.ParentMtimeNs);
        Assert.Equal(Posix.Status($"{lab.Below}/a/b").MtimeNs, rename.OtherParentMtimeNs);
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/a/b/moved"));
        Assert.Equal(Posix.Status($"{lab.Below}/a/b").MtimeNs, Of(OperationKind.Unlink).Single().Header.ParentMtimeNs);
    }

    [MountFact]
    public async Task ATimeThatIsSetIsRecorded()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Assert.Equal(0, Posix.SetTimes($"{lab.Path}/a/other", Timespec.Omitted, Timespec.Of(1_234_567_890_123_456_789)));
        OperationHeader header = Of(OperationKind.SetAttributes).Single().Header;
        Assert.Equal((uint)AttributeMask.Mtime, header.Argument);
        Assert.Equal(1_234_567_890_123_456_789, header.MtimeNs);
    }

    [MountFact]
    public async Task FailedCallsAreNotRecorded()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Assert.NotEqual(0, Posix.RemoveDirectory($"{lab.Path}/a"));
        Assert.NotEqual(0, Posix.Rename($"{lab.Path}/a", $"{lab.Path}/a/b/x"));
        Assert.NotEqual(0, Posix.SetXattr($"{lab.Path}/a/other", "user.x", "1"u8, LibC.XATTR_REPLACE));
        Assert.All(_recorder.Operations, o => Assert.Equal(OperationKind.Introduce, o.Kind));
    }

    [MountFact]
    public async Task TheLastNameIsSaidToBeTheLast()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Assert.Equal(0, Posix.Link($"{lab.Path}/a/other", $"{lab.Path}/second"));
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/a/other"));
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/second"));
        Assert.Equal([OperationFlags.None, OperationFlags.LastName], Of(OperationKind.Unlink).Select(o => o.Header.Flags));
    }

    [MountFact]
    public async Task AFileIsIntroducedBeforeOneOfItsNamesGoes()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: folder =>
        {
            Tree(folder);
            Assert.Equal(0, Posix.Link($"{folder}/a/other", $"{folder}/second"));
        });
        ulong file = Posix.Status($"{lab.Path}/second").Inode;
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/second"));
        Assert.Equal([OperationKind.Introduce, OperationKind.Unlink], _recorder.Operations.Select(o => o.Kind));
        Assert.All(_recorder.Operations, o => Assert.Equal(file, o.Header.File));
        Write($"{lab.Path}/a/other", "new");
        Assert.Equal(file, Of(OperationKind.Write).Single().Header.File);
        Assert.Empty(_recorder.GivenUp);
    }

    [MountFact]
    public async Task WhatHappensToAFileWithoutANameIsNotRecorded()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        int fd = Posix.Open($"{lab.Path}/a/other", LibC.O_RDWR);
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/a/other"));
        _recorder.Clear();
        Assert.Equal(3, Posix.Write(fd, "new"u8, 0));
        Assert.Equal(0, Posix.Fsync(fd));
        Assert.Equal(0, Posix.Truncate(fd, 1));
        Assert.Equal(0, Posix.Close(fd));
        Assert.Empty(_recorder.Operations);
    }

    [MountFact]
    public async Task AReplacedFileIsNamedInTheRename()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        ulong replaced = Posix.Status($"{lab.Path}/a/b/file").Inode;
        Assert.Equal(0, Posix.Rename($"{lab.Path}/a/other", $"{lab.Path}/a/b/file"));
        OperationHeader header = Of(OperationKind.Rename).Single().Header;
        Assert.Equal(replaced, header.OtherFile);
        Assert.Equal(OperationFlags.LastName, header.Flags);
    }

    [MountFact]
    public async Task ALongFileThatGetsItsFirstNameIsSentByPieces()
    {
        const int Pieces = 5;
        var recorder = new MemoryRecorder();
        await using MountLab lab = MountLab.Mount(recorder);
        int fd = Posix.Open(lab.Path, LibC.O_TMPFILE | LibC.O_RDWR);
        Assert.True(fd >= 0);
        for (int i = 0; i < Pieces; i++)
            Assert.Equal(1 << 20, Posix.Write(fd, new byte[1 << 20]));
        Assert.Equal(0, Posix.Fsync(fd));
        Assert.Equal(0, Posix.LinkOpen(fd, $"{lab.Path}/named"));
        Assert.Equal(0, Posix.Close(fd));

        // Between one piece and the next there is a wait: never is more than one added to a full window.
        Assert.Equal(Pieces, recorder.Operations.Count(o => o.Kind == OperationKind.Write));
        Assert.Equal(Pieces, recorder.RoomAwaited.Count);
        Assert.All(recorder.RoomAwaited.Zip(recorder.RoomAwaited.Skip(1)), pair => Assert.Equal(1, pair.Second - pair.First));
    }

    [MountFact]
    public async Task ANamelessFileThatIsLinkedIsRecordedWithAllItHas()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        int fd = Posix.Open(lab.Path, LibC.O_TMPFILE | LibC.O_RDWR);
        Assert.Equal(5, Posix.Write(fd, "hello"u8, 0));
        Assert.Equal(0, Posix.Truncate(fd, 3 << 20));
        Assert.Equal(3, Posix.Write(fd, "end"u8, (3 << 20) - 3));
        Assert.Equal(0, Posix.Fsync(fd));
        Assert.Empty(_recorder.Operations);
        Assert.Equal(0, Posix.LinkOpen(fd, $"{lab.Path}/named"));
        Assert.Equal(0, Posix.Close(fd));
        Assert.Equal(OperationKind.Create, _recorder.Operations[0].Kind);
        Assert.Equal("named", _recorder.Operations[0].Name);
        Assert.Equal("hello"u8.ToArray(), Of(OperationKind.Write)[0].Data.Take(5));
        Assert.Equal("end"u8.ToArray(), Of(OperationKind.Write)[^1].Data.TakeLast(3));
        Assert.NotEmpty(Of(OperationKind.Hole));
        Assert.Equal(3 << 20, Of(OperationKind.Attributes).Single().Header.Length);
        Assert.All(Of(OperationKind.Write), o => Assert.InRange(o.Data.Length, 1, 1 << 20));
    }

    [MountFact]
    public async Task TheOrderOfWritesToOneFileIsTheOrderUnderneath()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        Parallel.For(0, 4, thread =>
        {
            int fd = Posix.Open($"{lab.Path}/a/other", LibC.O_WRONLY | LibC.O_DIRECT);
            for (int i = 0; i < 100; i++)
                Assert.Equal(8, Posix.Write(fd, BitConverter.GetBytes((thread * 1000L) + i), 0));
            Assert.Equal(0, Posix.Close(fd));
        });
        Assert.Equal(400, Of(OperationKind.Write).Length);
        Assert.Equal(File.ReadAllBytes($"{lab.Below}/a/other").Take(8), Of(OperationKind.Write)[^1].Data);
    }

    [MountFact]
    public async Task AFileOfWhichNoNameIsKnownEndsTheEpoch()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: folder =>
        {
            Tree(folder);
            Assert.Equal(0, Posix.Link($"{folder}/a/other", $"{folder}/second"));
        });
        int fd = Posix.Open($"{lab.Path}/second", LibC.O_RDWR);
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/second"));
        _recorder.Epoch = 2;
        _recorder.Clear();
        Assert.Equal(3, Posix.Write(fd, "new"u8, 0));
        Assert.Equal(0, Posix.Fsync(fd));
        Assert.Equal(0, Posix.Close(fd));
        Assert.NotEmpty(_recorder.GivenUp);
        Assert.Empty(Of(OperationKind.Write));
    }

    [MountFact]
    public async Task ManyKnownFilesNeedFewDescriptors()
    {
        const int Files = 12_000;
        await using MountLab lab = MountLab.Mount(_recorder);
        for (int i = 0; i < Files; i++)
            Assert.Equal(0, Posix.MakeNode($"{lab.Path}/{i}", LibC.S_IFREG | 0x180));
        for (int i = 0; i < Files; i++)
            Assert.Equal(0, Posix.TryStatus($"{lab.Path}/{i}", out _));
        Assert.InRange(Directory.EnumerateFiles("/proc/self/fd").Count(), 1, 6000);
        Write($"{lab.Path}/0", "x");
        Assert.Equal("x", File.ReadAllText($"{lab.Below}/0"));
    }
}
