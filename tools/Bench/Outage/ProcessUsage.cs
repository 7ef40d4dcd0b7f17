using System.Globalization;

namespace SafeKit.Bench.Outage;

/// <summary>Memory and processor time of a process, from /proc.</summary>
internal static class ProcessUsage
{
    // USER_HZ: fixed at 100 in the kernel's interface to user space on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    public static double ResidentMb(int pid) => StatusMb(pid, "VmRSS:");

    /// <summary>The most that was resident since the process began.</summary>
    public static double PeakResidentMb(int pid) => StatusMb(pid, "VmHWM:");

    public static double CpuSeconds(int pid)
    {
        // The command's name may hold anything but is closed by the last parenthesis; utime and stime are fields 14 and 15.
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))
            / TicksPerSecond;
    }

    private static double StatusMb(int pid, string field)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
