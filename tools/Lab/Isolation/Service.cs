using System.Diagnostics;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Isolation;

/// <summary>A long-running program inside a machine. It ends with the machine at the latest.</summary>
public sealed class Service : IDisposable
{
    // The program's own process writes to the log file, so no pipe of the lab can ever block or kill it. A shell stays
    // between it and nsenter: nsenter stops itself when its child is stopped, and while it is stopped it reaps nobody,
    // which would keep the whole PID namespace from ending.
    private const string Script = "exec >> \"$1\" 2>&1 < /dev/null; shift; \"$@\" & wait $!";

    private readonly Process _launcher;

    private Service(Process launcher, int pid)
    {
        _launcher = launcher;
        Pid = pid;
    }

    /// <summary>The program's process, as the host numbers it.</summary>
    public int Pid { get; }

    public bool IsRunning => !_launcher.HasExited;

    public static async Task<Service> StartAsync(
        NamespaceHolder machine,
        IReadOnlyList<string> command,
        string logFile,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        // nsenter stays as the parent because entering a PID namespace takes a fork.
        var arguments = machine.Inside(["sh", "-c", Script, "sh", logFile, .. command]);
        var start = new ProcessStartInfo("setsid", arguments);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var launcher = Process.Start(start) ?? throw new LabException("setsid did not start");
        var shell = await ChildProcesses.FirstOfAsync(launcher.Id, () => launcher.HasExited);
        return new Service(launcher, await ChildProcesses.FirstOfAsync(shell, () => launcher.HasExited));
    }

    public void Suspend() => Signals.Stop(Pid);

    public void Resume() => Signals.Continue(Pid);

    public Task KillAsync() => EndAsync(Signals.Kill);

    public Task TerminateAsync() => EndAsync(Signals.Terminate);

    public Task HangUpAsync() => EndAsync(Signals.HangUp);

    public void Dispose() => _launcher.Dispose();

    private async Task EndAsync(Action<int> signal)
    {
        if (!IsRunning)
            return;
        signal(Pid);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _launcher.WaitForExitAsync(limit.Token);
    }
}
