using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>What is left to each node is served and not recorded.</summary>
public class ExclusionTests
{
    private readonly MemoryRecorder _recorder = new();

    private MountLab Mount(params ExclusionRule[] rules) => MountLab.Mount(
        _recorder,
        new MountSettings { Index = 0, Wait = WaitPolicy.Sync, NotReplicated = rules },
        folder =>
        {
            Directory.CreateDirectory($"{folder}/tmp/deep");
            Directory.CreateDirectory($"{folder}/data");
            File.WriteAllText($"{folder}/tmp/deep/f", "1");
            File.WriteAllText($"{folder}/data/f", "2");
        });

    private static ExclusionRule PathRule(string path) => new(path, IsRegularExpression: false, Negated: false);

    [MountFact]
    public async Task ChangesBelowAnExcludedPathAreServedAndNotRecorded()
    {
        await using MountLab lab = Mount(PathRule("tmp"));
        File.WriteAllText($"{lab.Path}/tmp/deep/f", "changed");
        File.WriteAllText($"{lab.Path}/tmp/new", "new");
        Assert.Equal(0, Posix.Rename($"{lab.Path}/tmp/new", $"{lab.Path}/tmp/deep/new"));
        Assert.Equal(0, Posix.SetXattr($"{lab.Path}/tmp", "user.a", "1"u8));
        Directory.Delete($"{lab.Path}/tmp", recursive: true);
        Assert.Empty(_recorder.Operations);
        File.WriteAllText($"{lab.Path}/data/f", "changed");
        Assert.NotEmpty(_recorder.Operations);
    }

    [MountFact]
    public async Task AnExpressionExcludesFilesByName()
    {
        await using MountLab lab = Mount(new ExclusionRule(@"\.tmp$", IsRegularExpression: true, Negated: false));
        File.WriteAllText($"{lab.Path}/data/a.tmp", "not");
        File.WriteAllText($"{lab.Path}/data/a.txt", "recorded");
        Assert.Equal(["a.txt"], _recorder.Operations.Where(o => o.Kind == OperationKind.Create).Select(o => o.Name));
        Assert.Equal("recorded"u8.ToArray(), _recorder.Operations.Single(o => o.Kind == OperationKind.Write).Data);
    }

    [MountFact]
    public async Task NothingMovesAcrossTheBoundary()
    {
        await using MountLab lab = Mount(PathRule("tmp"));
        Assert.Equal(Errno.EXDEV, Posix.Rename($"{lab.Path}/data/f", $"{lab.Path}/tmp/f"));
        Assert.Equal(Errno.EXDEV, Posix.Rename($"{lab.Path}/tmp/deep/f", $"{lab.Path}/data/g"));
        Assert.Equal(Errno.EXDEV, Posix.Link($"{lab.Path}/data/f", $"{lab.Path}/tmp/f"));
        Assert.Equal(Errno.EXDEV, Posix.Rename($"{lab.Path}/tmp", $"{lab.Path}/other"));
        Assert.Equal(Errno.EXDEV, Posix.Rename($"{lab.Path}/data", $"{lab.Path}/tmp"));
    }

    [MountFact]
    public async Task ADirectoryAboveAnExcludedPathDoesNotMove()
    {
        await using MountLab lab = Mount(PathRule("data/cache"));
        Assert.Equal(Errno.EXDEV, Posix.Rename($"{lab.Path}/data", $"{lab.Path}/elsewhere"));
        Assert.Equal(0, Posix.Rename($"{lab.Path}/tmp", $"{lab.Path}/elsewhere"));
    }

    [MountFact]
    public async Task ASurveyDoesNotListWhatIsExcluded()
    {
        _recorder.Introduction = Introduction.BySurvey;
        await using MountLab lab = Mount(PathRule("tmp"));
        int count = 0;
        Assert.True(lab.Tree!.AppendListing(new SurveyedFile(FileId.Root, default), OperationFlags.None, entries => count = entries.Count));
        Assert.Equal(1, count);
    }
}
