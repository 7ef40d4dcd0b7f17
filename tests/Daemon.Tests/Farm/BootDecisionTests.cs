using SafeKit.Daemon.Farm;
using SafeKit.Modules;

namespace SafeKit.Daemon.Tests.Farm;

public sealed class BootDecisionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-marker-").FullName;

    [Theory]
    [InlineData(BootMode.On, false, false, false, BootAction.Start)]
    [InlineData(BootMode.On, true, true, false, BootAction.Start)]
    [InlineData(BootMode.On, false, false, true, BootAction.Nothing)]
    [InlineData(BootMode.Auto, true, true, false, BootAction.Start)]
    [InlineData(BootMode.Auto, false, false, false, BootAction.Nothing)]
    [InlineData(BootMode.Ignore, true, true, false, BootAction.Nothing)]
    [InlineData(BootMode.Off, true, false, false, BootAction.Nothing)]
    [InlineData(BootMode.Ignore, true, true, true, BootAction.Adopt)]
    [InlineData(BootMode.Off, true, true, true, BootAction.Adopt)]
    [InlineData(BootMode.Ignore, true, false, true, BootAction.Start)]
    public void WhatWasDecides(BootMode boot, bool wanted, bool up, bool sameLife, BootAction expected) =>
        Assert.Equal(expected, BootDecision.Decide(boot, new RunMemory(wanted, up, sameLife)).Action);

    [Theory]
    [InlineData(BootMode.On, BootAction.Start)]
    [InlineData(BootMode.Auto, BootAction.Nothing)]
    [InlineData(BootMode.Ignore, BootAction.Nothing)]
    public void WithoutAMemoryTheConfigurationDecides(BootMode boot, BootAction expected) =>
        Assert.Equal(expected, BootDecision.Decide(boot, null).Action);

    [Fact]
    public void WhatWasWrittenIsRead()
    {
        Assert.Null(new RunMarker(_folder).Read());
        new RunMarker(_folder).Write(wanted: true, up: false);
        Assert.Equal(new RunMemory(true, false, true), new RunMarker(_folder).Read());
        File.WriteAllLines(Path.Combine(_folder, "running"), ["wanted", "up", "another life"]);
        Assert.Equal(new RunMemory(true, true, false), new RunMarker(_folder).Read());
    }

    [Fact]
    public void ADamagedFileIsNoMemory()
    {
        File.WriteAllText(Path.Combine(_folder, "running"), "wan");
        Assert.Null(new RunMarker(_folder).Read());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
