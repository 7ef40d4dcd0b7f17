using System.Globalization;
using System.Text.Json;
using SafeKit.Lab;

namespace SafeKit.Bench.Mirror;

/// <summary>The rows that fio measures: operations, or MiB, per second.</summary>
internal static class FileJobs
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(180);

    /// <summary>Name of the row, options of fio, whether MiB per second are meant, whether the caches are dropped before.</summary>
    private static readonly (string Row, string Options, bool Throughput, bool Cold)[] _jobs =
    [
        ("seq_write_mib_s", "--rw=write --bs=1M --size={file}M --end_fsync=1 --filename=seq", true, false),
        ("seq_read_mib_s", "--rw=read --bs=1M --size={file}M --filename=seq", true, true),
        ("write_4k_fdatasync_iops", "{write} --fdatasync=1 --size=64M {time} --filename=sync1", false, false),
        ("write_4k_fdatasync_4_files_iops", "{write} --fdatasync=1 --size=32M --numjobs=4 {time}", false, false),
        ("write_4k_fdatasync_8_threads_iops", "{write} --fdatasync=1 --size=64M --numjobs=8 --thread {time} --filename=sync8", false, false),
        ("buffered_write_iops", "{write} --size=128M {time} --filename=buffered", false, false),
        ("direct_write_depth_8_iops", "{write} --direct=1 --ioengine=libaio --iodepth=8 --size=128M {time} --filename=direct", false, false),
        ("rand_read_warm_iops", "--rw=randread --bs=4k --size=64M --pre_read=1 --ioengine=psync --invalidate=0 {time} --filename=read", false, false),
        ("rand_read_cold_iops", "--rw=randread --bs=4k --size={file}M {time} --filename=seq", false, true),
    ];

    public static async Task RunAsync(IBenchTarget target, BenchSettings settings, TargetFigures figures, CancellationToken cancel)
    {
        var folder = Path.Combine(target.Folder, "fio");
        await target.MustRunAsync(_limit, "mkdir", "-p", folder);
        foreach (var job in _jobs.Where(job => settings.WantsRow(job.Row)))
        {
            for (var repeat = 0; repeat < settings.MirrorRepeats; repeat++)
            {
                cancel.ThrowIfCancellationRequested();
                if (job.Cold)
                    DropCaches();
                figures.Add(job.Row, await RunJobAsync(target, settings, folder, job.Options, job.Throughput));
            }
        }

        await target.MustRunAsync(_limit, "rm", "-rf", folder);
    }

    private static async Task<double> RunJobAsync(IBenchTarget target, BenchSettings settings, string folder, string options, bool throughput)
    {
        var filled = options
            .Replace("{write}", "--rw=randwrite --bs=4k")
            .Replace("{file}", settings.FileMib.ToString(CultureInfo.InvariantCulture))
            .Replace("{time}", $"--time_based --runtime={settings.JobSeconds}");
        string[] command = ["fio", "--name=job", $"--directory={folder}", "--output-format=json", "--group_reporting", .. filled.Split(' ')];
        var output = await target.MustRunAsync(_limit, command);
        using var json = JsonDocument.Parse(output[output.IndexOf('{')..]);
        var job = json.RootElement.GetProperty("jobs")[0];
        return new[] { "read", "write" }.Sum(side => throughput
            ? job.GetProperty(side).GetProperty("bw_bytes").GetDouble() / (1 << 20)
            : job.GetProperty(side).GetProperty("iops").GetDouble());
    }

    // Of the whole machine (Documentation/admin-guide/sysctl/vm.rst): the caches below a FUSE file system as well.
    private static void DropCaches()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"/proc/sys/vm/drop_caches cannot be written, so cold reads cannot be measured: {e.Message}");
        }
    }
}
