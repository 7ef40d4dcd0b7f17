using SafeKit.Daemon.Mirror;
using SafeKit.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>Replicated directories that must not overlap, and those that must be there.</summary>
public sealed class DirectoryTests
{
    [Theory]
    [InlineData("/data/app", true)]
    [InlineData("/data", true)]
    [InlineData("/data/app/deep/er", true)]
    [InlineData("/data/apples", false)]
    [InlineData("/srv", false)]
    public void OverlapWithAnotherModuleIsFoundWithItsPlace(string dir, bool overlaps)
    {
        var found = DirectoryOverlap.Find("/etc/x/userconfig.xml", Configuration(dir), [("other", Configuration("/data/app"))]);
        Assert.Equal(overlaps, found is not null);
        if (found is not null)
            Assert.Matches(@"^/etc/x/userconfig\.xml:\d+:\d+: directory .* module other", found);
    }

    [Fact]
    public void WhatIsMissingIsNamed()
    {
        var folder = Directory.CreateTempSubdirectory("safekit-directories-").FullName;
        try
        {
            var directory = new ReplicatedDirectory(Path.Combine(folder, "data"), WaitPolicy.Close, [], ["guard"]);
            Assert.Contains("does not exist", DirectoryWatch.Missing([directory]), StringComparison.Ordinal);
            Directory.CreateDirectory(directory.Path);
            Assert.Contains("guard", DirectoryWatch.Missing([directory]), StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(directory.Path, "guard"), "");
            Assert.Null(DirectoryWatch.Missing([directory]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static UserConfiguration Configuration(string dir)
    {
        var xml = $"""
            <!DOCTYPE safe>
            <safe>
              <service mode="mirror">
                <heart><heartbeat name="default"/></heart>
                <rfs><replicated dir="{dir}"/></rfs>
                <user/>
              </service>
            </safe>
            """;
        var read = UserConfigurationReader.ReadText(xml, "userconfig.xml", new Dictionary<string, string>());
        Assert.DoesNotContain(read.Findings, finding => finding.Severity == Severity.Error);
        return read.Value!;
    }
}
