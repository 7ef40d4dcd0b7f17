using System.Security.Cryptography;
using System.Text;
using SafeKit.Core.Wire;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>What reintegration is given, and what is recorded while a survey is under way.</summary>
[Collection(MountCollection.Name)]
public class SurveyTests
{
    private static readonly SurveyedFile _root = new(FileId.Root, default, LibC.S_IFDIR);

    private readonly MemoryRecorder _recorder = new() { Introduction = Introduction.BySurvey };

    private static void Tree(string folder)
    {
        Directory.CreateDirectory($"{folder}/listed");
        Directory.CreateDirectory($"{folder}/unlisted");
        File.WriteAllText($"{folder}/listed/known", "known");
        File.WriteAllText($"{folder}/unlisted/unknown", "unknown");
        Assert.Equal(0, Posix.SymbolicLink("target", $"{folder}/link"));
    }

    /// <summary>Lists a directory as the survey does: its entries are known then, and changes of its names recorded.</summary>
    private List<SurveyedFile> List(MountLab lab, SurveyedFile directory, OperationFlags flags = OperationFlags.None)
    {
        var files = new List<SurveyedFile>();
        Assert.True(lab.Tree!.AppendListing(directory, flags, entries =>
        {
            files.AddRange(entries);
            _recorder.MarkListed(directory.File);
            foreach (SurveyedFile entry in entries)
                _recorder.MarkIntroduced(entry.File);
        }));
        return files;
    }

    private MountLab Surveyed()
    {
        MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        List<SurveyedFile> files = List(lab, _root);
        ulong listed = Posix.Status($"{lab.Path}/listed").Inode;
        List(lab, files.Single(f => f.File == listed));
        _recorder.Clear();
        return lab;
    }

    private static List<string> Names(RecordedOperation listing)
    {
        var names = new List<string>();
        var reader = new WireReader(listing.Data);
        while (reader.Remaining > 0)
        {
            Assert.True(ListingEntry.TryRead(ref reader, out ListingEntry entry));
            names.Add(Encoding.UTF8.GetString(entry.Name) + (entry.Target.IsEmpty ? "" : "->" + Encoding.UTF8.GetString(entry.Target)));
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    [MountFact]
    public async Task AListingHoldsTheNamesAndTargets()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: Tree);
        List<SurveyedFile> files = List(lab, _root, OperationFlags.Reintegration);
        RecordedOperation listing = Assert.Single(_recorder.Operations);
        Assert.Equal(["link->target", "listed", "unlisted"], Names(listing));
        Assert.Equal(OperationFlags.Reintegration, listing.Header.Flags);
        Assert.Equal(3, files.Count);
        Assert.All(files, f => Assert.False(f.Handle.IsEmpty));
    }

    [MountFact]
    public async Task ALongListingComesInParts()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: folder =>
        {
            for (int i = 0; i < 3000; i++)
                File.WriteAllText($"{folder}/{i:D4}{new string('x', 200)}", "");
        });
        Assert.Equal(3000, List(lab, _root).Count);
        Assert.Equal(3000, _recorder.Operations.Sum(o => Names(o).Count));
        Assert.All(_recorder.Operations.SkipLast(1), o => Assert.Equal(OperationFlags.More, o.Header.Flags));
        Assert.Equal(OperationFlags.None, _recorder.Operations[^1].Header.Flags);
        Assert.All(_recorder.Operations, o => Assert.InRange(o.Data.Length, 0, 1 << 20));
    }

    [MountFact]
    public async Task AttributesHoldExtendedOnes()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: folder =>
        {
            Tree(folder);
            Assert.Equal(0, Posix.SetXattr($"{folder}/listed", "user.a", "value"u8));
            Assert.Equal(0, Posix.ChangeOwner($"{folder}/listed", 11, 12));
        });
        SurveyedFile file = List(lab, _root).Single(f => f.File == Posix.Status($"{lab.Path}/listed").Inode);
        _recorder.Clear();
        Assert.True(lab.Tree!.AppendAttributes(file, OperationFlags.Verify));
        RecordedOperation attributes = Assert.Single(_recorder.Operations);
        Assert.Equal((11u, 12u), (attributes.Header.UserId, attributes.Header.GroupId));
        var reader = new WireReader(attributes.Data);
        Assert.True(XattrList.TryRead(ref reader, out XattrList entry));
        Assert.Equal("user.a"u8.ToArray(), entry.Name.ToArray());
        Assert.Equal("value"u8.ToArray(), entry.Value.ToArray());
        Assert.Equal(0, reader.Remaining);
    }

    [MountFact]
    public async Task DigestAndContentAreThoseOfTheRange()
    {
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        await using MountLab lab = MountLab.Mount(_recorder, prepare: folder => File.WriteAllBytes($"{folder}/f", content));
        SurveyedFile file = Assert.Single(List(lab, _root));
        _recorder.Clear();
        Assert.Equal(100_000, lab.Tree!.AppendDigest(file, 200_000, 1 << 20, OperationFlags.None).Bytes);
        Assert.Equal(SHA256.HashData(content.AsSpan(200_000)), _recorder.Operations.Single().Data);
        Assert.Equal(0, lab.Tree.AppendDigest(file, 1 << 30, 4096, OperationFlags.None).Bytes);
        _recorder.Clear();
        Assert.Equal(100_000, lab.Tree.AppendContent(file, 200_000, 1 << 20, OperationFlags.None).Bytes);
        Assert.Equal(content[200_000..], _recorder.Operations.Where(o => o.Kind == OperationKind.Write).SelectMany(o => o.Data));
        Assert.Equal(300_000, _recorder.Operations[^1].Header.Length);
        Assert.Equal((uint)AttributeMask.Size, _recorder.Operations[^1].Header.Argument);
    }

    [MountFact]
    public async Task HolesAreHoles()
    {
        await using MountLab lab = MountLab.Mount(_recorder, prepare: folder =>
        {
            using FileStream stream = File.Create($"{folder}/f");
            stream.SetLength(1 << 20);
            stream.Position = 512 << 10;
            stream.Write("data"u8);
        });
        SurveyedFile file = Assert.Single(List(lab, _root));
        _recorder.Clear();
        Assert.Equal(1 << 20, lab.Tree!.AppendContent(file, 0, 1 << 20, OperationFlags.None).Bytes);
        Assert.Equal([OperationKind.Hole, OperationKind.Write, OperationKind.Hole, OperationKind.SetAttributes], _recorder.Operations.Select(o => o.Kind));
        Assert.Equal(512 << 10, _recorder.Operations[1].Header.Offset);
    }

    [MountFact]
    public async Task WhatIsGoneIsSaidToBeGone()
    {
        await using MountLab lab = Surveyed();
        List<SurveyedFile> files = List(lab, _root);
        SurveyedFile directory = files.Single(f => f.File == Posix.Status($"{lab.Path}/listed").Inode);
        SurveyedFile known = List(lab, directory).Single();
        File.Delete($"{lab.Path}/listed/known");
        Directory.Delete($"{lab.Path}/listed");
        Assert.False(lab.Tree!.AppendListing(directory, OperationFlags.None, _ => { }));
        Assert.False(lab.Tree.AppendAttributes(known, OperationFlags.None));
        Assert.Equal(-1, lab.Tree.AppendContent(known, 0, 10, OperationFlags.None).Bytes);
        Assert.Equal(-1, lab.Tree.AppendDigest(known, 0, 10, OperationFlags.None).Bytes);
    }

    [MountFact]
    public async Task ChangesAreRecordedOnlyWhereTheSurveyHasBeen()
    {
        await using MountLab lab = Surveyed();
        Assert.Equal(0, Posix.SetXattr($"{lab.Path}/unlisted/unknown", "user.a", "1"u8));
        Assert.Equal(0, Posix.MakeDirectory($"{lab.Path}/unlisted/new"));
        Assert.Empty(_recorder.Operations);
        Assert.Equal(0, Posix.SetXattr($"{lab.Path}/listed/known", "user.a", "1"u8));
        Assert.Equal(0, Posix.MakeDirectory($"{lab.Path}/listed/new"));
        Assert.Equal([OperationKind.SetXattr, OperationKind.Create], _recorder.Operations.Select(o => o.Kind));
        Assert.Equal(Posix.Status($"{lab.Path}/listed/new").Inode, _recorder.AppearedFiles.Single().File);
    }

    [MountFact]
    public async Task MovedToWhereTheSurveyHasNotBeenTheOtherNodeMovesItToo()
    {
        await using MountLab lab = Surveyed();
        Assert.Equal(0, Posix.Rename($"{lab.Path}/listed/known", $"{lab.Path}/unlisted/known"));
        RecordedOperation moved = Assert.Single(_recorder.Operations);
        Assert.Equal((OperationKind.Rename, "known"), (moved.Kind, moved.Name));

        // And back: the other node has it there.
        Assert.Equal(0, Posix.Rename($"{lab.Path}/unlisted/known", $"{lab.Path}/listed/again"));
        Assert.Equal(OperationKind.Rename, _recorder.Operations[^1].Kind);
    }

    [MountFact]
    public async Task WhatHasLostItsKnownNameIsLeftToTheListing()
    {
        await using MountLab lab = Surveyed();
        _recorder.MarkIntroduced(Posix.Status($"{lab.Path}/unlisted").Inode);
        int fd = Posix.Open($"{lab.Path}/listed/message", LibC.O_CREAT | LibC.O_RDWR);
        Assert.Equal(0, Posix.Close(fd));
        Assert.Equal(0, Posix.Link($"{lab.Path}/listed/message", $"{lab.Path}/unlisted/message"));
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/listed/message"));
        _recorder.Clear();
        Assert.Equal(0, Posix.Rename($"{lab.Path}/unlisted/message", $"{lab.Path}/unlisted/read"));
        Assert.Equal(0, Posix.Unlink($"{lab.Path}/unlisted/read"));
        Assert.Empty(_recorder.Operations);
        Assert.Empty(_recorder.GivenUp);
    }

    [MountFact]
    public async Task MovedIntoAListedDirectoryItsContentIsSurveyed()
    {
        await using MountLab lab = Surveyed();
        Assert.Equal(0, Posix.Rename($"{lab.Path}/unlisted/unknown", $"{lab.Path}/listed/known"));
        Assert.Equal([OperationKind.Unlink, OperationKind.Create, OperationKind.Attributes], _recorder.Operations.Select(o => o.Kind));
        Assert.Equal(OperationFlags.LastName, _recorder.Operations[0].Header.Flags);
        Assert.Equal(Posix.Status($"{lab.Path}/listed/known").Inode, _recorder.AppearedFiles.Single().File);
    }

    [MountFact]
    public async Task ADirectoryMovedIntoAListedOneIsToBeListed()
    {
        await using MountLab lab = Surveyed();
        Assert.Equal(0, Posix.MakeDirectory($"{lab.Path}/unlisted/dir"));
        Assert.Equal(0, Posix.Rename($"{lab.Path}/unlisted/dir", $"{lab.Path}/listed/dir"));
        Assert.Equal((OperationKind.Create, "dir"), (_recorder.Operations.Single().Kind, _recorder.Operations.Single().Name));
        Assert.Equal(Posix.Status($"{lab.Path}/listed/dir").Inode, _recorder.AppearedFiles.Single().File);
    }

    [MountFact]
    public async Task ALinkIntoAListedDirectoryOfAnUnknownFileAppears()
    {
        await using MountLab lab = Surveyed();
        Assert.Equal(0, Posix.Link($"{lab.Path}/unlisted/unknown", $"{lab.Path}/listed/second"));
        Assert.Equal(OperationKind.Create, _recorder.Operations[0].Kind);
        Assert.Equal(0, Posix.Link($"{lab.Path}/listed/second", $"{lab.Path}/listed/third"));
        Assert.Equal(OperationKind.Link, _recorder.Operations[^1].Kind);
    }
}
