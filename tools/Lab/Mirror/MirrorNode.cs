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
    private const string DataRoot = "/srv";

    private static readonly TimeSpan _killLimit = TimeSpan.FromSeconds(10);

    private readonly string _dataPath;
    private readonly MirrorApplication? _application;

    internal MirrorNode(int number, MirrorFiles files, LabSwitch labSwitch, string labFolder, string artifacts)
        : base(number, files.Module, hasSecondLan: true, labSwitch, labFolder, artifacts)
    {
        _dataPath = files.DataPath;
        _application = files.Application;
    }

    /// <summary>The node's own copy of the replicated directory, as the lab sees it: plain files, never a mount.</summary>
    public string DataFolder => Path.Join(Paths.Root, _dataPath);

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
        Directory.CreateDirectory(Path.Join(Paths.Root, DataRoot));
        await Command.MustRunAsync(Machine.Inside("mount", "--bind", Path.Join(Paths.Root, DataRoot), DataRoot));
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
