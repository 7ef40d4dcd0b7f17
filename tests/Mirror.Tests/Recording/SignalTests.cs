using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

public sealed class SignalTests
{
    private const int LongMs = 30_000;

    [Fact]
    public void ASignalGivenWhileNobodyWaitsIsKeptOnce()
    {
        var signal = new Signal();
        signal.Set();
        signal.Set();
        Assert.True(IsTaken(signal));
        Assert.False(signal.Wait(1));
    }

    [Fact]
    public void EverySignalReachesTheOneWhoSleeps()
    {
        var there = new Signal();
        var back = new Signal();
        const int rounds = 50_000;
        int answered = 0;
        var thread = new Thread(() =>
        {
            for (int i = 0; i < rounds && IsTaken(there); i++)
            {
                answered++;
                back.Set();
            }
        });
        thread.Start();
        for (int i = 0; i < rounds; i++)
        {
            there.Set();
            Assert.True(IsTaken(back), $"nobody answered signal {i}");
        }

        thread.Join();
        Assert.Equal(rounds, answered);
    }

    /// <summary>A wait may end early, without a signal.</summary>
    private static bool IsTaken(Signal signal) => SpinWait.SpinUntil(() => signal.Wait(1000), LongMs);
}
