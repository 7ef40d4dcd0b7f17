using SafeKit.Core;

namespace SafeKit.Membership.Tests;

/// <summary>Two hearts in steps of one millisecond. At every step at most one of them may hold the address.</summary>
internal sealed class HeartPair
{
    public HeartPair(int lans = 1)
    {
        First = new HeartTwin(0, lans);
        Second = new HeartTwin(1, lans);
        (First.Other, Second.Other) = (Second, First);
    }

    public HeartTwin First { get; private set; }

    public HeartTwin Second { get; }

    public long NowMs { get; private set; }

    public long NowNs => MonotonicClock.FromMs(NowMs);

    /// <summary>Where both may rightly hold the address: they cannot hear each other.</summary>
    public bool IsSplit { get; set; }

    public void Run(int ms, Action? eachMs = null)
    {
        for (long end = NowMs + ms; NowMs < end; NowMs++)
        {
            First.Turn(NowNs);
            Second.Turn(NowNs);
            eachMs?.Invoke();
            bool both = NowNs < First.LeaseUntilNs && NowNs < Second.LeaseUntilNs;
            Assert.False(both && !IsSplit, $"both hold the address at {NowMs} ms");
        }
    }

    public void Want(HeartTwin twin, bool wanted) => twin.Core.WantAddress(wanted, NowNs, twin);

    public void Tell(HeartTwin twin, byte state) => twin.Core.Tell(new HeartContent { State = state }.Format(), NowNs, twin);

    public bool Holds(HeartTwin twin) => NowNs < twin.LeaseUntilNs;

    /// <summary>The first one's process is started anew.</summary>
    public void RestartFirst()
    {
        First = new HeartTwin(0, First.Cut.Length, NowMs) { Other = Second };
        Second.Other = First;
    }
}
