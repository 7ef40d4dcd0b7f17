using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>How often a heartbeat is sent on one lan, and after which silence there the peer counts as lost on it.</summary>
public sealed record HeartLanTiming(int PulseMs, int TimeoutMs)
{
    /// <summary>Clocks of two nodes may differ in rate; the acting side counts this much less, in percent.</summary>
    private const int ClockMarginPercent = 2;

    /// <summary>Room for the way of a heartbeat and for the granularity of timers, in percent of the timeout.</summary>
    private const int TravelMarginPercent = 8;

    /// <summary>
    /// How long after a heartbeat was sent its sender may act: over before the peer, which counts from when it heard that
    /// heartbeat, may take the sender for lost.
    /// </summary>
    public long LeaseNs => (TimeoutNs * (100 - ClockMarginPercent - TravelMarginPercent) / 100) - PulseNs;

    internal long PulseNs => MonotonicClock.FromMs(PulseMs);

    internal long TimeoutNs => MonotonicClock.FromMs(TimeoutMs);

    internal void Check()
    {
        bool inRange = PulseMs is >= 10 and <= 60_000 && TimeoutMs is >= 100 and <= 3_600_000;
        // The lease must outlast a heartbeat that is lost.
        if (!inRange || LeaseNs < 3 * PulseNs / 2)
        {
            throw new SafeKitException(
                $"<heart>: pulse {PulseMs} ms and timeout {TimeoutMs} ms do not fit: pulse 10 ms to 60 s, timeout up to 1 h and at least three pulses");
        }
    }
}
