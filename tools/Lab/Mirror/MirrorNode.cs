using SafeKit.Core;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Native;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Mirror;

/// <summary>
/// A server of the mirror. Below <c>/srv</c> it sees a folder of its own on the machine's disk, so that both nodes replicate the same path.
/// </summary>
public sealed partial class MirrorNode : ServerNode
{
    public const string DataRoot = "/srv";

    private static readonly TimeSpan _killLimit = TimeSpan.FromSeconds(10);

    private readonly MirrorFiles _files;
    private readonly int _diskMb;
    private DataDisk? _disk;

    /// <param name="diskMb">Size of a disk of its own; 0: none.</param>
    internal MirrorNode(int number, MirrorFiles files, LabSwitch labSwitch, string labFolder, string artifacts, int diskMb)
        : base(number, files.Module, hasSecondLan: true, labSwitch, labFolder, artifacts)
    {
        _files = files;
        _diskMb = diskMb;
    }

    /// <summary>The node's own copy of the replicated directory, as the lab sees it: plain files, never a mount.</summary>
    public string DataFolder => FolderOf(_files.DataPath);

    /// <summary>
    /// Inside the machine, as the lab sees it; for nodes with a disk of their own, whose files are those of the application once the daemon runs.
    /// </summary>
    public string InsideFolder(string path) => $"/proc/{Machine.InitPid}/root{path}";

    /// <summary>Number of the daemon's process inside the machine.</summary>
    public int DaemonPidInside =>
        int.Parse(File.ReadLines($"/proc/{DaemonPid}/status").Single(line => line.StartsWith("NSpid:", StringComparison.Ordinal)).Split('\t')[^1]);

    /// <summary>The node's own copy of a directory below <c>/srv</c>, as the lab sees it.</summary>
    public string FolderOf(string path) => Path.Join(Paths.Root, path);

    /// <summary>Runs a command on the node, where it sees what the application sees.</summary>
    public Task<CommandResult> RunAsync(TimeSpan limit, params string[] command) =>
        Command.RunAsync(Machine.Inside(command), timeout: limit);

    /// <summary>
    /// Kills daemon and application at one stroke, every process of the machine; its kernel and its network stay. Returns the monotonic
    /// instant just before.
    /// </summary>
    public async Task<long> CrashAsync()
    {
        var at = MonotonicClock.NowNs;
        var deadline = at + _killLimit.Ticks * 100;
        while (Programs() is { Count: > 0 } programs)
        {
            programs.ForEach(program => Signals.Kill(program.Pid));
            if (MonotonicClock.NowNs > deadline)
                throw new LabException($"processes of {Name} survive SIGKILL: {string.Join(", ", programs)}");
            await Task.Delay(5);
        }

        await KillDaemonAsync();
        return at;
    }

    /// <summary>The last lines of the module's log and the newest scripts' output, for messages.</summary>
    public async Task<string> ModuleLogTailAsync(int lines)
    {
        var text = IsPowered && IsDaemonRunning && !IsSuspended ? (await CliAsync("log", "-m", Module, "-s", $"{lines}")).Text : "no daemon to ask";
        return $"--- {Name}, module log:\n{text}\n--- {Name}, daemon:\n{LogTail(lines)}\n{ScriptOutput()}";
    }

    private protected override async Task PreparePoweredAsync()
    {
        if (_diskMb == 0)
        {
            Directory.CreateDirectory(FolderOf(DataRoot));
            await Command.MustRunAsync(Machine.Inside("mount", "--bind", FolderOf(DataRoot), DataRoot));
        }
        else
        {
            _disk ??= await DataDisk.MakeAsync(Path.Join(Paths.Root, "disk.img"), _diskMb);
            await _disk.MountAsync(Machine, DataRoot);
        }

        foreach (var path in _files.DataPaths)
            Directory.CreateDirectory(InsideFolder(path));
    }

    private string ScriptOutput()
    {
        var folder = Paths.ModuleVar(Module);
        if (!Directory.Exists(folder))
            return "";
        var newest = Directory.GetFiles(folder, "userlog_*.ulog").Order().TakeLast(4);
        return string.Join('\n', newest.Select(file => $"--- {Name}, {Path.GetFileName(file)}:\n{File.ReadAllText(file).TrimEnd()}"));
    }
}
