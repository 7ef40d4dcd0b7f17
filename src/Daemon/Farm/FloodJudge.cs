using SafeKit.Core;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// When a SYN flood begins and when it has ended, by what the filter has answered. Pure: count and time come from outside. Since an end takes
/// a quiet minute, a flood that comes and goes is one, and there are two lines a minute at most.
/// </summary>
public sealed class FloodJudge
{
    /// <summary>How long nothing must have been answered until a flood counts as ended.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private long? _answered;
    private long _lookedNs;
    private long _answeredBefore;
    private long _beganNs;
    private long _lastNs;
    private bool _isFlood;

    /// <param name="answered">By the filter, since it was loaded. What was answered before the first look is nobody's news.</param>
    /// <param name="nowNs">On the monotonic clock.</param>
    /// <returns>What has changed, if anything.</returns>
    public FloodChange? Look(long answered, long nowNs)
    {
        var former = _answered ?? answered;
        var formerNs = _lookedNs;
        (_answered, _lookedNs) = (answered, nowNs);
        if (answered > former)
            return Grows(former, answered, formerNs, nowNs);
        if (!_isFlood || nowNs - _lastNs < MonotonicClock.FromMs((long)Quiet.TotalMilliseconds))
            return null;
        _isFlood = false;
        return new FloodChange(false, answered - _answeredBefore, MonotonicClock.ToMs(_lastNs - _beganNs) / 1000);
    }

    private FloodChange? Grows(long former, long answered, long formerNs, long nowNs)
    {
        _lastNs = nowNs;
        if (_isFlood)
            return null;
        (_isFlood, _answeredBefore, _beganNs) = (true, former, formerNs);
        return new FloodChange(true, answered - former, MonotonicClock.ToMs(nowNs - formerNs) / 1000);
    }
}
