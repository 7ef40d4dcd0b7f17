using System.Diagnostics;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>The modules that are shipped can be read and run.</summary>
public sealed class ReadyMadeModulesTests
{
    [Fact]
    public void NginxFarmHasNothingToReport()
    {
        var module = Path.Combine(Root(), "modules/nginx_farm");
        var result = UserConfigurationReader.Read(Path.Combine(module, "conf/userconfig.xml"), Samples.NoEnvironment);
        Assert.Empty(result.Findings);
        var cluster = Samples.ReadCluster(Samples.TwoNodes).Value!;
        var node = new LiveNode(
            [new LiveInterface("eth0", false, [(System.Net.IPAddress.Parse("192.168.1.1"), 24)])], Path.Combine(module, "bin"));
        Assert.Empty(ConfigurationCheck.Check(result.Value!, cluster, node));
        Assert.All(new[] { "prestart", "poststop" }, script => Assert.Null(node.ScriptProblem(script)));
    }

    [Fact]
    public void ItsScriptsAreValidShell()
    {
        foreach (var script in Directory.GetFiles(Path.Combine(Root(), "modules/nginx_farm/bin")))
        {
            using var shell = Process.Start("sh", ["-n", script]);
            shell.WaitForExit();
            Assert.Equal(0, shell.ExitCode);
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SafeKit.Net.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no repository around the tests");
        return folder;
    }
}
