using System.Diagnostics;

namespace SafeKit.Core;

/// <summary>
/// CLOCK_MONOTONIC in nanoseconds: on Linux <see cref="Stopwatch"/> reads it with a frequency of 1 GHz, and it is the
/// clock of <c>bpf_ktime_get_ns</c>, so a lease computed here can be compared in the kernel.
/// </summary>
public static class MonotonicClock
{
    public const long NanosecondsPerMillisecond = 1_000_000;

    static MonotonicClock() =>
        Invariant.That(Stopwatch.Frequency == 1_000_000_000, "the monotonic clock counts nanoseconds");

    public static long NowNs => Stopwatch.GetTimestamp();

    public static long FromMs(long ms) => ms * NanosecondsPerMillisecond;

    public static double ToMs(long ns) => ns / (double)NanosecondsPerMillisecond;
}
