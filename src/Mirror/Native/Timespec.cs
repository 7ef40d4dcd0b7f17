using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>struct timespec of a 64-bit system.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Timespec
{
    /// <summary>So many seconds fit into nanoseconds of 64 bits.</summary>
    public const long SecondsMax = (long.MaxValue / 1_000_000_000) - 1;

    public long Seconds;

    /// <summary>0 to 999,999,999, or UTIME_NOW, or UTIME_OMIT.</summary>
    public long Fraction;

    public static Timespec Omitted => new() { Fraction = LibC.UTIME_OMIT };

    public static Timespec Now => new() { Fraction = LibC.UTIME_NOW };

    /// <summary>From nanoseconds since 1970, before or after.</summary>
    public static Timespec Of(long nanoseconds)
    {
        long seconds = Math.DivRem(nanoseconds, 1_000_000_000, out long rest);
        return rest < 0
            ? new Timespec { Seconds = seconds - 1, Fraction = rest + 1_000_000_000 }
            : new Timespec { Seconds = seconds, Fraction = rest };
    }
}
