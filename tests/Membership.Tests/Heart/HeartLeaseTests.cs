namespace SafeKit.Membership.Tests;

/// <summary>Who may answer for the virtual address. That never both may is checked by <see cref="HeartPair"/> at every step.</summary>
public sealed class HeartLeaseTests
{
    [Fact]
    public void TheLeaseBeginsAtOnceWherePeerAndSelfArePunctual()
    {
        var pair = new HeartPair();
        pair.Run(300);
        pair.Want(pair.First, true);
        Assert.True(pair.Holds(pair.First));
        pair.Run(5000, () => Assert.True(pair.Holds(pair.First)));
    }

    [Fact]
    public void GivingUpEndsItAtOnceAndTheOtherMayBegin()
    {
        var pair = new HeartPair();
        pair.Run(300);
        pair.Want(pair.First, true);
        pair.Run(300);
        pair.Want(pair.Second, true);
        Assert.False(pair.Holds(pair.Second));
        pair.Run(300);
        pair.Want(pair.First, false);
        Assert.False(pair.Holds(pair.First));
        pair.Run(3);
        Assert.True(pair.Holds(pair.Second));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(700)]
    [InlineData(950)]
    [InlineData(1200)]
    [InlineData(5000)]
    public void AStoppedPrimaryIsSilentBeforeTheOtherTakesOverAndStaysSoWhenItWakesUp(int stoppedMs)
    {
        var pair = new HeartPair();
        pair.Run(300);
        pair.Want(pair.First, true);
        pair.Run(333);
        pair.First.Paused = true;
        bool taken = false;
        pair.Run(stoppedMs, () => taken |= TakesOverWhenLost(pair));
        pair.First.Paused = false;
        pair.Run(2000, () => taken |= TakesOverWhenLost(pair));
        Assert.Equal(stoppedMs > HeartTwin.TimeoutMs, taken);
        // Whoever of both is right by the machine's rules: exactly one of them serves.
        Assert.Equal(taken, pair.Holds(pair.Second));
        Assert.Equal(!taken, pair.Holds(pair.First));
    }

    [Fact]
    public void AfterTheLoserHasGivenUpTheWinnerMayBegin()
    {
        var pair = new HeartPair();
        pair.Run(300);
        pair.Want(pair.First, true);
        pair.First.Paused = true;
        pair.Run(2000, () => TakesOverWhenLost(pair));
        pair.First.Paused = false;
        pair.Run(500);
        Assert.False(pair.Holds(pair.First));
        pair.Want(pair.Second, false);
        pair.Run(5);
        Assert.True(pair.Holds(pair.First));
    }

    [Fact]
    public void WhoWakesUpWithoutAPeerWaitsForTheWholeTimeout()
    {
        var pair = new HeartPair();
        pair.Run(300);
        pair.Want(pair.First, true);
        pair.Second.Paused = true;
        pair.Run(3000);
        Assert.True(pair.Holds(pair.First));
        pair.First.Paused = true;
        pair.Run(2000);
        pair.First.Paused = false;
        pair.Run(HeartTwin.TimeoutMs - 10, () => Assert.False(pair.Holds(pair.First)));
        pair.Run(200);
        Assert.True(pair.Holds(pair.First));
    }

    [Fact]
    public void AStartedNodeHearsThePeerFirst()
    {
        var pair = new HeartPair();
        pair.Run(300);
        pair.Want(pair.Second, true);
        pair.RestartFirst();
        pair.Want(pair.First, true);
        pair.Run(3000, () => Assert.False(pair.Holds(pair.First)));
        Assert.True(pair.Holds(pair.Second));
    }

    [Fact]
    public void ASplitIsNotTheLeasesBusiness()
    {
        var pair = new HeartPair { IsSplit = true };
        pair.Run(300);
        pair.Want(pair.First, true);
        pair.Run(300);
        (pair.First.Cut[0], pair.Second.Cut[0]) = (true, true);
        pair.Run(2000, () => TakesOverWhenLost(pair));
        Assert.True(pair.Holds(pair.First) && pair.Holds(pair.Second));
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(5, 1000)]
    [InlineData(700, 7_200_000)]
    public void TimingsThatDoNotFitAreRefused(int pulseMs, int timeoutMs) =>
        Assert.Contains("<heart>", Assert.Throws<Core.SafeKitException>(new HeartLanTiming(pulseMs, timeoutMs).Check).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(100, 300)]
    [InlineData(700, 30_000)]
    public void TheLeaseEndsBeforeThePeerMayTakeOver(int pulseMs, int timeoutMs)
    {
        var timing = new HeartLanTiming(pulseMs, timeoutMs);
        timing.Check();
        Assert.InRange(timing.LeaseNs, 3 * timing.PulseNs / 2, timing.TimeoutNs - timing.PulseNs);
    }

    private static bool TakesOverWhenLost(HeartPair pair)
    {
        if (pair.Second.Core.Contact != HeartContact.Lost)
            return false;
        pair.Want(pair.Second, true);
        return true;
    }
}
