namespace SafeKit.Lab.Isolation;

/// <summary>
/// Holds processes or single threads where they are, by a control group of version 2 (cgroup.freeze, Documentation/admin-guide/cgroup-v2.rst).
/// Unlike SIGSTOP nobody is told, also one thread of a process can be held, and what is held can still be killed.
/// </summary>
public sealed class Freezer : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);
    private static int _count;

    private readonly string _home;
    private readonly string _group;
    private readonly string _held;
    private readonly IReadOnlyList<int> _processes;

    private Freezer(string mount, IReadOnlyList<int> processes, bool threads)
    {
        _home = mount + OwnGroup();
        _processes = processes;
        _group = Path.Combine(mount, $"safekit-lab-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        _held = threads ? Path.Combine(_group, "threads") : _group;
    }

    /// <summary>Holds all threads of the processes.</summary>
    public static Task<Freezer> HoldAsync(IReadOnlyList<int> processes) => HoldAsync(processes, []);

    /// <summary>Holds those threads of a process whose name the condition picks.</summary>
    public static Task<Freezer> HoldThreadsAsync(int process, Func<string, bool> isHeld)
    {
        var threads = Directory.GetDirectories($"/proc/{process}/task")
            .Where(task => isHeld(File.ReadAllText(Path.Combine(task, "comm")).Trim()))
            .Select(task => int.Parse(Path.GetFileName(task)))
            .ToList();
        return threads.Count > 0
            ? HoldAsync([process], threads)
            : throw new LabException($"process {process} has no thread of the wanted name");
    }

    /// <summary>Lets everything go on.</summary>
    public async ValueTask DisposeAsync()
    {
        File.WriteAllText(Path.Combine(_held, "cgroup.freeze"), "0");
        await WaitAsync("frozen 0");
        foreach (var process in _processes.Where(process => Directory.Exists($"/proc/{process}")))
            File.WriteAllText(Path.Combine(_home, "cgroup.procs"), $"{process}");
        if (_held != _group)
            Directory.Delete(_held);
        Directory.Delete(_group);
    }

    private static async Task<Freezer> HoldAsync(IReadOnlyList<int> processes, IReadOnlyList<int> threads)
    {
        var freezer = new Freezer(Mount(), processes, threads.Count > 0);
        Directory.CreateDirectory(freezer._group);
        foreach (var process in processes)
            File.WriteAllText(Path.Combine(freezer._group, "cgroup.procs"), $"{process}");
        if (threads.Count > 0)
        {
            Directory.CreateDirectory(freezer._held);
            File.WriteAllText(Path.Combine(freezer._held, "cgroup.type"), "threaded");
            foreach (var thread in threads)
                File.WriteAllText(Path.Combine(freezer._held, "cgroup.threads"), $"{thread}");
        }

        File.WriteAllText(Path.Combine(freezer._held, "cgroup.freeze"), "1");
        await freezer.WaitAsync("frozen 1");
        return freezer;
    }

    private static string Mount() =>
        File.ReadLines("/proc/mounts").Select(line => line.Split(' ')).FirstOrDefault(fields => fields[2] == "cgroup2")?[1]
        ?? throw new LabException("no control groups of version 2 are mounted; mount -t cgroup2 none /sys/fs/cgroup/unified makes them");

    private static string OwnGroup() => File.ReadLines("/proc/self/cgroup").First(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];

    private async Task WaitAsync(string state)
    {
        var deadline = DateTime.UtcNow + _limit;
        while (!File.ReadAllText(Path.Combine(_held, "cgroup.events")).Contains(state, StringComparison.Ordinal))
        {
            if (DateTime.UtcNow > deadline)
                throw new LabException($"{_held} is not '{state}' after {_limit.TotalSeconds} s");
            await Task.Delay(1);
        }
    }
}
