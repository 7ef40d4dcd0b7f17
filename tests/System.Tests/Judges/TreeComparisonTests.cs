using SafeKit.Lab.Isolation;
using SafeKit.Lab.Trees;

namespace SafeKit.SystemTests.Judges;

/// <summary>The judge of M3 sees every kind of difference, and nothing else.</summary>
public sealed class TreeComparisonTests : IAsyncLifetime
{
    private const string Make =
        "mkdir a a/empty; echo hello > a/file; ln a/file a/second; ln -s file a/link; mkfifo a/pipe; truncate -s 3M a/sparse; "
        + "printf x | dd of=a/sparse bs=1 seek=2000000 conv=notrunc status=none; printf y > \"a/$(printf 'odd\\377name')\"; "
        + "find . -exec touch -h -d @1700000000.123456789 {} +";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sktrees-");

    public Task InitializeAsync() => Task.CompletedTask;

    // .NET does not find a name again that is not UTF-8.
    public Task DisposeAsync() => Command.MustRunAsync(["rm", "-rf", _folder.FullName]);

    [Theory]
    [InlineData("true", null)]
    [InlineData("cp --sparse=never a/sparse b && touch -d @1700000000.123456789 b && mv b a/sparse && touch -d @1700000000.123456789 a .", null)]
    [InlineData("touch -d @1700000000.123456788 a/file", "a/file: mtime: 1700000000.123456789 / 1700000000.123456788")]
    [InlineData("chmod 600 a/file", "a/file: mode: 100644 / 100600")]
    [InlineData("touch a/new", "a/new: name: missing / there")]
    [InlineData("rm a/*name", "name: there / missing")]
    [InlineData("ln -sfn fils a/link", "a/link: target: file / fils")]
    [InlineData("printf z | dd of=a/sparse bs=1 seek=2000000 conv=notrunc status=none", "a/sparse: content at byte 2000000: 78 / 7a")]
    [InlineData("truncate -s 3000000 a/sparse", "a/sparse: size: 3145728 / 3000000")]
    [InlineData("rm a/pipe && echo > a/pipe", "a/pipe: mode:")]
    [InlineData("cp -p a/file b && mv b a/second", "a/second: first name: a/file / a/second")]
    [InlineData("touch skipped", null)]
    public async Task Differences_are_found(string change, string? expected)
    {
        foreach (var (name, then) in new[] { ("left", "true"), ("right", change) })
        {
            var path = _folder.CreateSubdirectory(name).FullName;
            await Command.MustRunAsync(["sh", "-e", "-c", $"umask 022; cd {path}; {Make}; {then}"]);
        }

        var report = TreeComparison.Run(Path.Combine(_folder.FullName, "left"), Path.Combine(_folder.FullName, "right"), "skipped");

        if (expected is null)
            Assert.True(report.Identical, report.Text);
        else
            Assert.Contains(report.Differences, difference => difference.Contains(expected, StringComparison.Ordinal));
        Assert.True(report.Entries >= 8);
    }
}
