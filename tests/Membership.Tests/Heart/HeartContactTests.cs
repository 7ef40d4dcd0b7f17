namespace SafeKit.Membership.Tests;

/// <summary>When the peer counts as there, and when as lost.</summary>
public sealed class HeartContactTests
{
    [Fact]
    public void WhatOneTellsTheOtherHearsAtOnce()
    {
        var pair = new HeartPair();
        pair.Run(350);
        pair.Second.Told.Clear();
        pair.Tell(pair.First, 3);
        pair.Run(2);
        Assert.Equal(["heard 3"], pair.Second.Told);
    }

    [Fact]
    public void TheSameContentIsToldOnce()
    {
        var pair = new HeartPair(lans: 2);
        pair.Run(5000);
        Assert.Single(pair.Second.Told, told => told.StartsWith("heard", StringComparison.Ordinal));
        Assert.InRange(pair.Second.Sent, 80, 120);
    }

    [Fact]
    public void APeerThatWasNeverHeardIsLostAfterTheTimeout()
    {
        var pair = new HeartPair();
        pair.Second.Paused = true;
        pair.Run(HeartTwin.TimeoutMs - 1);
        Assert.DoesNotContain("lost", pair.First.Told);
        pair.Run(2);
        Assert.Contains("lost", pair.First.Told);
    }

    [Fact]
    public void OneLanOfTwoIsEnough()
    {
        var pair = new HeartPair(lans: 2);
        pair.Run(300);
        pair.First.Cut[0] = true;
        pair.Run(3000);
        Assert.Contains("lan0 down", pair.Second.Told);
        Assert.DoesNotContain("lost", pair.Second.Told);
        pair.First.Cut[0] = false;
        pair.Run(200);
        Assert.Equal("lan0 up", pair.Second.Told[^1]);
    }

    [Fact]
    public void SilenceOnEveryLanIsLossAfterTheTimeoutAndNotBefore()
    {
        var pair = new HeartPair(lans: 2);
        pair.Run(300);
        pair.First.Cut.AsSpan().Fill(true);
        pair.Run(HeartTwin.TimeoutMs - HeartTwin.PulseMs - 2);
        Assert.DoesNotContain("lost", pair.Second.Told);
        pair.Run(HeartTwin.PulseMs + 4);
        Assert.Contains("lost", pair.Second.Told);
    }

    [Fact]
    public void WhoWasLateGivesThePeerAWholeTimeout()
    {
        var pair = new HeartPair();
        pair.Run(300);
        pair.Second.Paused = true;
        pair.First.Cut[0] = true;
        pair.Run(3 * HeartTwin.TimeoutMs);
        // What had arrived before the pause is heard late; it must not shorten the wait either.
        pair.Second.Paused = false;
        pair.Run(HeartTwin.TimeoutMs - 2);
        Assert.DoesNotContain("lost", pair.Second.Told);
        Assert.Contains("late", pair.Second.Told);
        pair.Run(4);
        Assert.Contains("lost", pair.Second.Told);
        Assert.Equal("punctual", pair.Second.Told[^1]);
    }

    [Fact]
    public void ARestartedPeerIsToldAnewAndItsEarlierLifeIsForgotten()
    {
        var pair = new HeartPair();
        pair.Tell(pair.First, 3);
        pair.Run(300);
        pair.RestartFirst();
        pair.Run(50);
        Assert.Equal("heard 0", pair.Second.Told[^1]);
        Assert.DoesNotContain("lost", pair.Second.Told);
    }
}
