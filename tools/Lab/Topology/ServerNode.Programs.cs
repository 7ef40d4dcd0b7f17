using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>The programs of a node: daemon and command line.</summary>
public abstract partial class ServerNode
{
    // Short: status is promised in 100 ms, and a daemon that is stopped must not hold the picture up for long.
    private static readonly TimeSpan _controlTimeout = TimeSpan.FromMilliseconds(1000);

    // A leaving node gives its connections ten seconds to end.
    private static readonly TimeSpan _orderTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _stopLimit = TimeSpan.FromSeconds(30);

    private Dictionary<string, string> Environment => new(DaemonEnvironment) { [NodePaths.RootVariable] = Paths.Root };

    /// <summary>Further environment variables of the programs that are started from now on.</summary>
    public IReadOnlyDictionary<string, string> DaemonEnvironment { get; set; } = new Dictionary<string, string>();

    public async Task StartDaemonAsync()
    {
        if (IsDaemonRunning)
            return;
        _daemon?.Dispose();
        IsSuspended = false;
        _daemon = await Service.StartAsync(
            Machine, [Path.Combine(_artifacts, Artifacts.Daemon)], DaemonLog, Environment);
    }

    /// <summary>kill -9 of the daemon. The application and the kernel's filter stay.</summary>
    public async Task<long> KillDaemonAsync()
    {
        var at = MonotonicClock.NowNs;
        if (_daemon is { } daemon)
            await daemon.KillAsync();
        IsSuspended = false;
        return at;
    }

    /// <summary>SIGTERM, as a service manager stops a daemon.</summary>
    public async Task TerminateDaemonAsync()
    {
        if (_daemon is { } daemon)
            await daemon.TerminateAsync();
        IsSuspended = false;
    }

    /// <summary>SIGHUP: the daemon ends and leaves everything for the next one, as on a restart by the service manager.</summary>
    public async Task<long> HandOverDaemonAsync()
    {
        var at = MonotonicClock.NowNs;
        if (_daemon is { } daemon)
            await daemon.HangUpAsync();
        IsSuspended = false;
        return at;
    }

    /// <summary>SIGSTOP: the daemon is there and does nothing.</summary>
    public long SuspendDaemon()
    {
        var at = MonotonicClock.NowNs;
        _daemon?.Suspend();
        IsSuspended = _daemon is not null;
        return at;
    }

    public void ResumeDaemon()
    {
        _daemon?.Resume();
        IsSuspended = false;
    }

    /// <summary>Runs the command line on the node, as an administrator would.</summary>
    public Task<CommandResult> CliAsync(params string[] arguments) =>
        Command.RunAsync(
            Machine.Inside([Path.Combine(_artifacts, Artifacts.Cli), .. arguments]),
            environment: Environment,
            timeout: TimeSpan.FromSeconds(60));

    /// <summary>The command line, where it must succeed.</summary>
    public async Task<string> MustCliAsync(params string[] arguments)
    {
        var result = await CliAsync(arguments);
        return result.Ok
            ? result.Output
            : throw new LabException($"safekit {string.Join(' ', arguments)} on {Name} gave {result.ExitCode}: {result.Text}");
    }

    /// <summary>The node's state, or null when its daemon does not answer.</summary>
    public async Task<NodeState?> StateAsync(CancellationToken cancel = default)
    {
        if (!IsDaemonRunning)
            return null;
        try
        {
            _control ??= new ControlClient(Paths.ControlSocket, _controlTimeout);
            return await _control.StateAsync(cancel);
        }
        catch (SafeKitException)
        {
            return null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary><c>safekit stop</c>, and waits until the module has stopped.</summary>
    public async Task LeaveAsync()
    {
        await MustCliAsync("stop", "-m", Module);
        await WaitForModuleAsync(module => module.State == "STOP", _stopLimit);
    }

    /// <summary>Gives the module an order and does not wait for what follows from it.</summary>
    public async Task OrderAsync(string action)
    {
        using var control = OpenControl(_orderTimeout);
        await control.ModuleActionAsync(Module, action);
    }

    /// <summary>Waits until the node's daemon answers and says what is wanted of the lab's module.</summary>
    public async Task<ModuleState> WaitForModuleAsync(Func<ModuleState, bool> condition, TimeSpan limit)
    {
        var deadline = DateTime.UtcNow + limit;
        ModuleState? module = null;
        while (DateTime.UtcNow < deadline)
        {
            module = (await StateAsync())?.Modules.FirstOrDefault(one => one.Module == Module) ?? module;
            if (module is not null && condition(module))
                return module;
            await Task.Delay(20);
        }

        throw new LabException(
            $"module {Module} of {Name} is {module?.State ?? "not there"} {module?.Status} after {limit.TotalSeconds} s: {LogTail(6)}");
    }

    /// <summary>The daemon's control API, for calls other than the state.</summary>
    public ControlClient OpenControl(TimeSpan timeout) => new(Paths.ControlSocket, timeout);

    /// <summary>The last lines of the daemon's log, for messages.</summary>
    public string LogTail(int lines)
    {
        if (!File.Exists(DaemonLog))
            return $"{Name}: no log";
        var all = File.ReadAllLines(DaemonLog);
        return string.Join('\n', all.Skip(Math.Max(0, all.Length - lines)).Select(line => $"{Name}: {line}"));
    }
}
