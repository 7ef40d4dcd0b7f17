using System.Runtime.InteropServices;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>
/// Relates the kernel's ticks (jiffies) to CLOCK_MONOTONIC, so that the filter can compare a lease with a tick counter that
/// costs one load. The relation errs on the late side only: a tick is taken for the latest instant that it can stand for.
/// </summary>
internal static class TickClock
{
    private const int FrameBytes = 64;
    private const int Samples = 64;
    private const int MeasureMs = 100;

    /// <summary>
    /// The tick itself lasts one; a CPU that keeps time and does not run (a stolen virtual CPU) holds ticks back for up
    /// to five before another one steps in (MAX_STALLED_JIFFIES of the kernel); and two to spare.
    /// </summary>
    private const long TicksLateMax = 8;

    private static readonly long[] _ticksPerSecond = [100, 250, 300, 1000];

    /// <summary>Measured once: the tick is a constant of the running kernel.</summary>
    private static readonly Lock _gate = new();
    private static long _jiffyNs = -1;

    public static void Relate(LoadedFilter filter)
    {
        lock (_gate)
        {
            if (_jiffyNs < 0)
                _jiffyNs = filter.Control[0].JiffyNs is > 0 and var former ? (long)former : MeasureJiffyNs(filter);
        }
        ref Layout.ControlEntry control = ref filter.Control[0];
        control.JiffiesLatestNs = (ulong)LatestNsOfTickZero(filter, _jiffyNs);
        control.JiffyNs = (ulong)_jiffyNs;
    }

    private static long LatestNsOfTickZero(LoadedFilter filter, long jiffyNs)
    {
        // A tick length that fits none means clocks that we do not understand: the exact clock then decides always.
        if (jiffyNs == 0)
            return long.MaxValue;
        long earliest = long.MaxValue;
        for (int i = 0; i < Samples; i++)
        {
            (long ticks, long ns) = Sample(filter);
            earliest = Math.Min(earliest, unchecked(ns - ticks * jiffyNs));
        }
        return unchecked(earliest + (TicksLateMax * jiffyNs));
    }

    private static long MeasureJiffyNs(LoadedFilter filter)
    {
        (long firstTicks, long firstNs) = Sample(filter);
        Thread.Sleep(MeasureMs);
        (long lastTicks, long lastNs) = Sample(filter);
        foreach (long rate in _ticksPerSecond)
        {
            double expected = (lastNs - firstNs) * (double)rate / 1e9;
            if (Math.Abs(lastTicks - firstTicks - expected) <= 1.5)
                return (1_000_000_000 + (rate / 2)) / rate;
        }
        return 0;
    }

    private static (long Ticks, long Ns) Sample(LoadedFilter filter)
    {
        Span<byte> frame = stackalloc byte[FrameBytes];
        frame.Clear();
        ReadOnlySpan<byte> result = LoadedFilter.RunForFrame(filter.ClockProgram, frame);
        return (MemoryMarshal.Read<long>(result), MemoryMarshal.Read<long>(result[8..]));
    }
}
