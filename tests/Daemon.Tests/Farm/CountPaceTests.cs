using SafeKit.Daemon.Farm;

namespace SafeKit.Daemon.Tests.Farm;

public sealed class CountPaceTests
{
    [Theory]
    [InlineData(0, 100, 100)]
    [InlineData(5, 100, 100)]
    [InlineData(6, 100, 120)]
    [InlineData(400, 100, 8_000)]
    [InlineData(1_000_000_000, 100, 10_000_000_000)]
    public void ALongCountIsFollowedByALongerWait(long tookNs, long leastNs, long expected) =>
        Assert.Equal(expected, CountPace.WaitNs(tookNs, leastNs));
}
