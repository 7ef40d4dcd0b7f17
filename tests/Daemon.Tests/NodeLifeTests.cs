namespace SafeKit.Daemon.Tests;

/// <summary>Each life of a module on its node has a higher number than the one before.</summary>
public sealed class NodeLifeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-life-").FullName;

    [Fact]
    public void AClockThatWentBackDoesNotCount()
    {
        Assert.Equal(1000UL, new NodeLife(_folder).Next(1000));
        Assert.Equal(1001UL, new NodeLife(_folder).Next(500));
        Assert.Equal(2000UL, new NodeLife(_folder).Next(2000));
    }

    [Fact]
    public void WhatCannotBeReadIsNotRemembered()
    {
        File.WriteAllText(Path.Combine(_folder, "life"), "no number");
        Assert.Equal(7UL, new NodeLife(_folder).Next(7));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
