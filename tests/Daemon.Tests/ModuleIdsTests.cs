using SafeKit.Core;

namespace SafeKit.Daemon.Tests;

public sealed class ModuleIdsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("safekit-ids-").FullName;

    [Fact]
    public void EachModuleHasANumberOfItsOwnAndKeepsIt()
    {
        var paths = new NodePaths(_root);
        var ids = new ModuleIds(paths);
        Assert.Equal([1, 2, 3], new[] { "shop", "web", "mail" }.Select(ids.Of));
        Assert.Equal([2, 1, 3], new[] { "web", "shop", "mail" }.Select(new ModuleIds(paths).Of));

        // The smallest that is free goes to the next.
        Directory.Delete(paths.ModuleVar("shop"), recursive: true);
        Assert.Equal(1, ids.Of("ldap"));
        Assert.Equal(4, ids.Of("shop"));

        // One that two modules have, whoever wrote it, is nobody's second time.
        File.Copy(Path.Combine(paths.ModuleVar("ldap"), "id"), Path.Combine(paths.ModuleVar("shop"), "id"), overwrite: true);
        Assert.Equal([4, 1], new[] { "ldap", "shop" }.Select(ids.Of));
    }

    [Fact]
    public void ThereIsNoNumberBeyondTheLast()
    {
        var ids = new ModuleIds(new NodePaths(_root));
        for (var module = 1; module <= Limits.ModulesMax; module++)
            Assert.Equal(module, ids.Of($"m{module}"));
        Assert.Contains("already has 32 modules", Assert.Throws<SafeKitException>(() => ids.Of("one more")).Message);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
