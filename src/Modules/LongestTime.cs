namespace SafeKit.Modules;

/// <summary>
/// The longest time that is used anywhere. Timers count milliseconds in 32 bits and refuse more than 24.8 days; this is a
/// round number below.
/// </summary>
internal static class LongestTime
{
    public const int Days = 20;

    public static readonly TimeSpan Value = TimeSpan.FromDays(Days);

    /// <summary>A time that every timer takes.</summary>
    public static TimeSpan Clamp(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
            return TimeSpan.Zero;
        return time > Value ? Value : time;
    }
}
