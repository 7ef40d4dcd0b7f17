using SafeKit.Daemon.Mirror;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>Each life of a heart has a higher number than the one before.</summary>
public sealed class HeartIncarnationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-incarnation-").FullName;

    [Fact]
    public void AClockThatWentBackDoesNotCount()
    {
        Assert.Equal(1000UL, new HeartIncarnation(_folder).Next(1000));
        Assert.Equal(1001UL, new HeartIncarnation(_folder).Next(500));
        Assert.Equal(2000UL, new HeartIncarnation(_folder).Next(2000));
    }

    [Fact]
    public void WhatCannotBeReadIsNotRemembered()
    {
        File.WriteAllText(Path.Combine(_folder, "heart-incarnation"), "no number");
        Assert.Equal(7UL, new HeartIncarnation(_folder).Next(7));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
