namespace SafeKit.Modules;

/// <summary>Units of time values in a configuration, by their length in microseconds.</summary>
internal enum TimeUnit : long
{
    Microsecond = 1,
    Millisecond = 1_000,
    Second = 1_000_000,
    Minute = 60_000_000,
    Hour = 3_600_000_000,
    Day = 86_400_000_000,
}
