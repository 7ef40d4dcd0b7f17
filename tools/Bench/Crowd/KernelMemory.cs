using System.Globalization;

namespace SafeKit.Bench.Crowd;

/// <summary>The machine's memory at an instant, from /proc/meminfo.</summary>
/// <param name="SlabBytes">The kernel's objects: sockets, files, what waits on them.</param>
/// <param name="UsedBytes">All that is not available: slabs, tables of descriptors, and every program.</param>
internal readonly record struct KernelMemory(long SlabBytes, long UsedBytes)
{
    public static KernelMemory Read()
    {
        var lines = File.ReadAllLines("/proc/meminfo");
        return new KernelMemory(Field("Slab:"), Field("MemTotal:") - Field("MemAvailable:"));

        long Field(string name) => 1024 * long.Parse(
            lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
    }
}
