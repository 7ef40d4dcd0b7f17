using System.Text.RegularExpressions;

namespace SafeKit.Core.Tests;

/// <summary>The house rules that a machine can check, over every source file of the repository.</summary>
public partial class TidyTests
{
    private const int LinesMax = 500;
    private const int ColumnsMax = 150;

    [Fact]
    public void FilesAreShort() =>
        Assert.DoesNotContain(Sources(), f => File.ReadLines(f).Count() > LinesMax);

    [Fact]
    public void LinesFitAScreen() =>
        Assert.Empty(Sources()
            // In tests a row of a table is one line, however long.
            .Where(f => !f.Contains("/tests/", StringComparison.Ordinal))
            .SelectMany(f => File.ReadLines(f).Select((text, i) => (Place: $"{f}:{i + 1}", text)))
            // A message stays on one line, so that whoever reads it in a log can search for it here.
            .Where(l => l.text.Length > ColumnsMax && !Message().IsMatch(l.text))
            .Select(l => l.Place));

    [Fact]
    public void NothingIsLeftForLater() =>
        Assert.Empty(Sources()
            .Where(f => Path.GetFileName(f) != "TidyTests.cs")
            .SelectMany(f => File.ReadLines(f).Select((text, i) => (Place: $"{f}:{i + 1}", text)))
            .Where(l => LeftForLater().IsMatch(l.text))
            .Select(l => l.Place));

    [Fact]
    public void AFileIsNamedAfterItsType() =>
        Assert.Empty(ProductFiles().SkipWhile(NamesItsType));

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex("\"[^\"]{40,}\"")]
    private static partial Regex Message();

    private static IEnumerable<string> ProductFiles() =>
        Sources().Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && f.Contains("/src/", StringComparison.Ordinal));

    private static bool NamesItsType(string file) =>
        Path.GetFileName(file) is "Program.cs" or "AssemblyInternals.cs"
        || Regex.IsMatch(
            File.ReadAllText(file),
            $@"\b(class|struct|record|enum|interface) {Regex.Escape(Path.GetFileName(file).Split('.')[0])}\b");

    private static IEnumerable<string> Sources()
    {
        var root = Repository();
        return new[] { "src", "tests", "tools", "ebpf" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) is ".cs" or ".c" or ".h")
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SafeKit.Net.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("the repository is not above the tests");
    }
}
