using System.Diagnostics;
using SafeKit.Mirror.Recording;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// What the way from an appended operation to its acknowledgement costs, apart from the file system in front of it: latency of one barrier, rates,
/// processor time and allocated bytes of both ends together for one operation.
/// </summary>
internal static class StreamBench
{
    private const int WarmUp = 500;
    private const int Callers = 4;
    private const int SmallBytes = 4 << 10;
    private const int LargeBytes = 1 << 20;
    private const int FileBytes = 64 << 20;

    private static readonly byte[] _small = new byte[SmallBytes];
    private static readonly byte[] _large = new byte[LargeBytes];

    public static async Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken cancel)
    {
        foreach (var waitsForDisk in new[] { false, true })
        {
            cancel.ThrowIfCancellationRequested();
            await using var pair = new StreamPair(waitsForDisk);
            using var caller = new StreamCaller(pair.Recorder);
            var file = pair.Create(caller);
            var prefix = waitsForDisk ? "stream_none" : "stream_second";
            Barriers(report, prefix, caller, file, settings.Quick ? 4_000 : 20_000);
            ParallelBarriers(report, prefix, pair, settings.Quick ? 2_000 : 10_000);
            if (!waitsForDisk)
                Rates(report, prefix, pair, caller, settings.Quick ? 1 : 4);
        }
    }

    private static void Barriers(BenchReport report, string prefix, StreamCaller caller, ulong file, int count)
    {
        void One(int number)
        {
            caller.Write(file, (long)number * SmallBytes % FileBytes, _small);
            caller.Sync(file);
        }

        for (var i = 0; i < WarmUp; i++)
            One(i);
        var times = new List<double>(count);
        using var usage = new StreamUsage(report, $"{prefix}_barrier", count);
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            One(i);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        usage.Stop();
        report.Measure($"{prefix}_barrier_us", Samples.Median(times), "us");
    }

    private static void ParallelBarriers(BenchReport report, string prefix, StreamPair pair, int count)
    {
        using var usage = new StreamUsage(report, $"{prefix}_{Callers}_callers", count * Callers);
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, Callers).Select(_ => new Thread(() =>
        {
            using var caller = new StreamCaller(pair.Recorder);
            var file = pair.Create(caller);
            for (var i = 0; i < count; i++)
            {
                caller.Write(file, (long)i * SmallBytes % FileBytes, _small);
                caller.Sync(file);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        usage.Stop();
        report.Measure($"{prefix}_{Callers}_callers_barriers_s", count * Callers / Stopwatch.GetElapsedTime(start).TotalSeconds, "1/s");
    }

    private static void Rates(BenchReport report, string prefix, StreamPair pair, StreamCaller caller, int times)
    {
        var large = pair.Create(caller);
        var small = pair.Create(caller);
        Time($"{prefix}_throughput_mib_s", "MiB/s", 512 * times, i => caller.Write(large, (long)i * LargeBytes % FileBytes, _large));
        Time($"{prefix}_small_writes_s", "1/s", 50_000 * times, i => caller.Write(small, (long)i * SmallBytes % FileBytes, _small));
        Time($"{prefix}_files_closed_s", "1/s", 4_000 * times, _ =>
        {
            var sequence = caller.Write(pair.Create(caller), 0, _small);
            caller.Await(sequence, Acknowledgement.Received);
            return sequence;
        });

        void Time(string row, string unit, int count, Func<int, ulong> one)
        {
            using var usage = new StreamUsage(report, row, count);
            ulong last = 0;
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
                last = one(i);
            caller.Await(last, Acknowledgement.Received);
            usage.Stop();
            report.Measure(row, count / Stopwatch.GetElapsedTime(start).TotalSeconds, unit);
        }
    }
}
