using System.Diagnostics;
using System.Globalization;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// Many small files, each written in one piece: created without and with fsync, listed, looked at, read. Runs in a process of its own on
/// the target's machine
/// (<c>safekit-bench small-files FOLDER COUNT</c>), prints "row operations-per-second" lines, and warms itself up first.
/// </summary>
internal static class SmallFiles
{
    public const string Verb = "small-files";

    public static readonly IReadOnlyList<string> Rows =
    [
        "smallfile_create_files_s", "smallfile_create_fsync_files_s", "smallfile_list_files_s", "smallfile_stat_files_s", "smallfile_read_files_s",
    ];

    private const int WarmUp = 200;
    private const int FileBytes = 4096;
    private const int FilesPerFolder = 500;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(300);
    private static readonly byte[] _content = new byte[FileBytes];

    public static int Work(string folder, int count)
    {
        Measure(Path.Combine(folder, "warm-up"), WarmUp, (_, _) => { });
        Measure(Path.Combine(folder, "files"), count, (row, rate) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row} {rate:0.0}")));
        return 0;
    }

    public static async Task RunAsync(IBenchTarget target, BenchSettings settings, TargetFigures figures)
    {
        var folder = Path.Combine(target.Folder, "small");
        await target.MustRunAsync(_limit, "mkdir", "-p", folder);
        var count = settings.SmallFiles.ToString(CultureInfo.InvariantCulture);
        var output = await target.MustRunAsync(_limit, Path.Combine(AppContext.BaseDirectory, "safekit-bench"), Verb, folder, count);
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            figures.Add(line.Split(' ')[0], double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
        await target.MustRunAsync(_limit, "rm", "-rf", folder);
    }

    private static void Measure(string folder, int count, Action<string, double> report)
    {
        void Time(string row, int operations, Action work)
        {
            var watch = Stopwatch.StartNew();
            work();
            report(row, operations / watch.Elapsed.TotalSeconds);
        }

        var plain = Names(Path.Combine(folder, "plain"), count);
        var synced = Names(Path.Combine(folder, "synced"), Math.Max(1, count / 10));
        Time(Rows[0], plain.Count, () => Create(plain, sync: false));
        Time(Rows[1], synced.Count, () => Create(synced, sync: true));
        Time(Rows[2], plain.Count, () => _ = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count());
        Time(Rows[3], plain.Count, () => _ = plain.Sum(name => new FileInfo(name).Length));
        Time(Rows[4], plain.Count, () => _ = plain.Sum(name => File.ReadAllBytes(name).Length));
    }

    private static List<string> Names(string folder, int count) =>
        Enumerable.Range(0, count).Select(number => Path.Combine(folder, $"d{number / FilesPerFolder}", $"f{number}")).ToList();

    private static void Create(List<string> names, bool sync)
    {
        foreach (var folder in names.Select(name => Path.GetDirectoryName(name)!).Distinct())
            Directory.CreateDirectory(folder);
        foreach (var name in names)
        {
            using var file = new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            file.Write(_content);
            if (sync)
                file.Flush(flushToDisk: true);
        }
    }
}
