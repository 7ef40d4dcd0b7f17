using System.Diagnostics;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Isolation;

/// <summary>
/// A machine of the lab: an init process with network, mount and PID namespaces of its own, none of which has a name.
/// The init reads a pipe that only this process holds, so that however the lab ends, even by kill -9, the pipe closes,
/// the init ends, the kernel kills every process of the PID namespace, and interfaces, mounts and pinned objects go too.
/// </summary>
public sealed class NamespaceHolder : IAsyncDisposable
{
    // sysfs shows the devices of the network namespace that mounted it: without this a daemon would see the host's.
    // The shell stays (no exec of cat), because it is PID 1 here and must reap orphans.
    private const string InitScript = "mount -t sysfs sysfs /sys && ip link set lo up && echo ready && cat; exit 0";

    private readonly Process _launcher;
    private bool _disposed;

    private NamespaceHolder(string name, Process launcher, int initPid)
    {
        Name = name;
        _launcher = launcher;
        InitPid = initPid;
        Network = NetworkNamespace.OfProcess(initPid);
    }

    public string Name { get; }

    /// <summary>The init of the PID namespace, as the host numbers it.</summary>
    public int InitPid { get; }

    public NetworkNamespace Network { get; }

    public static async Task<NamespaceHolder> StartAsync(string name)
    {
        // A session of its own keeps Ctrl-C at the terminal away from it: the lab decides when it ends.
        var start = new ProcessStartInfo(
            "setsid",
            [
                "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
                "sh", "-c", InitScript, $"safekit-lab-{name}",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var launcher = Process.Start(start) ?? throw new LabException("setsid did not start");
        try
        {
            if (await launcher.StandardOutput.ReadLineAsync() != "ready")
                throw new LabException(
                    $"cannot make the namespaces of {name}: {(await launcher.StandardError.ReadToEndAsync()).Trim()}");
            return new NamespaceHolder(name, launcher, await ChildProcesses.FirstOfAsync(launcher.Id, () => launcher.HasExited));
        }
        catch
        {
            launcher.StandardInput.Close();
            launcher.Dispose();
            throw;
        }
    }

    /// <summary>Command line that runs something in this machine's network only, with the host's processes and files.</summary>
    public string[] OnNetwork(params ReadOnlySpan<string> command) => ["nsenter", "-t", InitPid.ToString(), "-n", "--", .. command];

    /// <summary>Command line that runs something entirely inside this machine.</summary>
    public string[] Inside(params ReadOnlySpan<string> command) =>
        ["nsenter", "-t", InitPid.ToString(), "-m", "-n", "-p", "--", .. command];

    /// <summary>Every process of the machine, as the host numbers them.</summary>
    public IReadOnlyList<int> Processes()
    {
        var own = File.ResolveLinkTarget($"/proc/{InitPid}/ns/pid", returnFinalTarget: false)?.FullName;
        return Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && NamespaceOf(pid) == own)
            .ToList();
    }

    private static string? NamespaceOf(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/ns/pid", returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended since, or is not ours to look at
        }
    }

    /// <summary>Runs lines of <c>ip -batch</c> on this machine's network.</summary>
    public Task IpAsync(params string[] lines) =>
        Command.MustRunAsync(OnNetwork("ip", "-batch", "-"), string.Join('\n', lines) + "\n");

    /// <summary>Ends every process of the machine at once and waits until the last is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        Network.Dispose();
        Signals.Kill(InitPid);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _launcher.WaitForExitAsync(limit.Token);
        _launcher.Dispose();
    }
}
