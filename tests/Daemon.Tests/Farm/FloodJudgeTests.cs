using SafeKit.Core;
using SafeKit.Daemon.Farm;

namespace SafeKit.Daemon.Tests.Farm;

public sealed class FloodJudgeTests
{
    private readonly FloodJudge _judge = new();

    [Fact]
    public void WhatWasAnsweredBeforeTheFirstLookIsNoNews()
    {
        Assert.Null(Look(1_000_000, 0));
        Assert.Null(Look(1_000_000, 1));
    }

    [Fact]
    public void AFloodBeginsOnceWithItsRate()
    {
        Look(10, 0);
        Assert.Equal(new FloodChange(true, 3_000, 2), Look(3_010, 2));
        Assert.Null(Look(6_000, 3));
        Assert.Null(Look(6_000, 4));
        Assert.Null(Look(6_001, 5));
    }

    [Fact]
    public void ItEndsAfterAQuietMinuteWithItsSum()
    {
        Look(10, 0);
        Look(1_010, 1);
        Look(2_010, 5);
        Assert.Null(Look(2_010, 64));
        Assert.Equal(new FloodChange(false, 2_000, 5), Look(2_010, 65));
        Assert.Null(Look(2_010, 200));
    }

    [Fact]
    public void OneThatComesAndGoesIsOne()
    {
        Look(0, 0);
        Assert.NotNull(Look(1, 1));
        for (var second = 50; second <= 500; second += 50)
            Assert.Null(Look(second, second));
        Assert.Equal(new FloodChange(false, 500, 500), Look(500, 560));
    }

    [Fact]
    public void TheNextOneIsToldAgain()
    {
        Look(0, 0);
        Look(5, 1);
        Look(5, 100);
        Assert.Equal(new FloodChange(true, 7, 1), Look(12, 101));
    }

    [Fact]
    public void TheLinesNameAddressRateAndRule()
    {
        var begun = new FloodChange(true, 3_000, 2).Describe(["10.0.0.100", "fd00::100"]);
        Assert.StartsWith("rule=syn_flood 1500 SYN/s for 10.0.0.100, fd00::100 ", begun);
        Assert.StartsWith("rule=syn_flood_ended the packet filter answered 2000 SYNs in 5 s", new FloodChange(false, 2_000, 5).Describe([]));
    }

    private FloodChange? Look(long answered, int second) => _judge.Look(answered, MonotonicClock.FromMs(second * 1000L));
}
