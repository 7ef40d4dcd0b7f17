using Microsoft.Extensions.Logging.Abstractions;
using SafeKit.Daemon.Logging;

namespace SafeKit.Daemon.Tests.Logging;

public sealed class ModuleLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-log-").FullName;

    [Fact]
    public void TheNewestLinesComeOldestFirstAndDetailOnlyOnDemand()
    {
        using var log = new ModuleLog("web", _folder, NullLogger.Instance);
        log.Event("farm", "one");
        log.Information("farm", "detail");
        log.Critical("farm", "two");
        Assert.Equal(["one", "two"], log.Newest(10, all: false).Select(l => l.Message));
        Assert.Equal(["detail", "two"], log.Newest(2, all: true).Select(l => l.Message));
    }

    [Fact]
    public void WhatWasLoggedBeforeARestartCanStillBeRead()
    {
        using (var log = new ModuleLog("web", _folder, NullLogger.Instance))
            log.Event("farm", "before\nthe restart\twith a tab");
        using var next = new ModuleLog("web", _folder, NullLogger.Instance);
        Assert.Equal("before the restart\twith a tab", Assert.Single(next.Newest(10, all: true)).Message);
    }

    [Fact]
    public void ADamagedFileIsReadAsFarAsItGoes()
    {
        File.WriteAllText(Path.Combine(_folder, "module.log"), "rubbish\n2026-01-02T03:04:05.0000000+00:00\tE\tfarm\tfine\n\0\0");
        using var log = new ModuleLog("web", _folder, NullLogger.Instance);
        Assert.Equal("fine", Assert.Single(log.Newest(10, all: true)).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
