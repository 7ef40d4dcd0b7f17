using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>struct statx_timestamp of linux/stat.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatxTime
{
    public long Seconds;
    public uint Fraction;
    public int Reserved;

    /// <summary>Nanoseconds since 1970; right for the years 1678 to 2262, and held at these ends beyond them.</summary>
    public readonly long Nanoseconds =>
        Seconds > Timespec.SecondsMax ? long.MaxValue
        : Seconds < -Timespec.SecondsMax ? -long.MaxValue
        : (Seconds * 1_000_000_000) + Fraction;
}
