using System.Diagnostics;

namespace SafeKit.Bench.Mirror;

/// <summary>Processor time and allocated bytes of this process for each of a number of operations.</summary>
internal sealed class StreamUsage(BenchReport report, string row, int count) : IDisposable
{
    private readonly Process _process = Process.GetCurrentProcess();
    private readonly TimeSpan _before = Process.GetCurrentProcess().TotalProcessorTime;
    private readonly long _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);

    public void Stop()
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true) - _bytesBefore;
        _process.Refresh();
        report.Measure($"{row}_cpu_us", (_process.TotalProcessorTime - _before).TotalMicroseconds / count, "us");
        report.Measure($"{row}_allocated_bytes", (double)bytes / count, "B");
    }

    public void Dispose() => _process.Dispose();
}
