using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>A server of the stage: a network namespace, a root folder, and a real <c>safekitd</c>.</summary>
internal sealed class MirrorNode : IDisposable
{
    public const string Module = "app";

    private const UnixFileMode OnlyRoot = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);
    private readonly string _namespace;
    private Process? _daemon;

    public MirrorNode(string name, string networkNamespace, string root)
    {
        Name = name;
        _namespace = networkNamespace;
        Paths = new NodePaths(root);
        Client = new ControlClient(Paths.ControlSocket, TimeSpan.FromSeconds(15));
    }

    public string Name { get; }

    public NodePaths Paths { get; }

    public ControlClient Client { get; }

    /// <summary>The scripts that ran here, in order, with what they were told.</summary>
    public IReadOnlyList<string> Calls => File.Exists(CallsFile) ? File.ReadAllLines(CallsFile) : [];

    private string CallsFile => Path.Combine(Paths.Root, "calls");

    public void Write(string clusterXml, string key, string userConfig)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Paths.ClusterXml)!);
        Directory.CreateDirectory(Path.GetDirectoryName(Paths.UserConfig(Module))!);
        Directory.CreateDirectory(Paths.Scripts(Module));
        File.WriteAllText(Paths.ClusterXml, clusterXml);
        File.WriteAllText(Paths.ClusterKey, key);
        File.SetUnixFileMode(Paths.ClusterKey, OnlyRoot);
        File.WriteAllText(Paths.NodeName, Name);
        File.WriteAllText(Paths.UserConfig(Module), userConfig);
        foreach (var script in new[] { "prestart", "start_prim", "stop_prim", "start_second", "stop_second" })
        {
            var file = Path.Combine(Paths.Scripts(Module), script);
            File.WriteAllText(file, $"#!/bin/sh\necho \"{script} $*\" >> {CallsFile}\n");
            File.SetUnixFileMode(file, OnlyRoot | UnixFileMode.UserExecute);
        }
    }

    public async Task StartDaemonAsync()
    {
        var info = new ProcessStartInfo("ip")
        {
            ArgumentList =
            {
                "netns", "exec", _namespace, "dotnet", Path.Combine(AppContext.BaseDirectory, "safekitd.dll"), "--root", Paths.Root,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _daemon = Process.Start(info)!;
        var log = Path.Combine(Paths.Root, "daemon.log");
        _daemon.OutputDataReceived += (_, line) => AppendLine(log, line.Data);
        _daemon.ErrorDataReceived += (_, line) => AppendLine(log, line.Data);
        _daemon.BeginOutputReadLine();
        _daemon.BeginErrorReadLine();
        await WaitAsync("the daemon answers", state => state.Modules.Count == 1 && state.Modules[0].ErrorText is null);
    }

    /// <summary>What a power failure does to the daemon; the kernel and its filter stay.</summary>
    public void KillDaemon()
    {
        _daemon!.Kill();
        _daemon.WaitForExit(_patience);
    }

    public void Suspend() => Signal("STOP");

    public void Resume() => Signal("CONT");

    public async Task TerminateAsync()
    {
        Signal("TERM");
        using var limit = new CancellationTokenSource(_patience);
        await _daemon!.WaitForExitAsync(limit.Token);
    }

    public async Task OrderAsync(string action, bool full = false) =>
        Assert.True((await Client.ModuleActionAsync(Module, action, full: full)).Ok, $"{action} on {Name}");

    public async Task<ModuleState> StateAsync() => (await Client.StateAsync()).Modules.Single();

    /// <summary>Waits until the module is stable in a state, and says what it was instead if that does not come.</summary>
    public Task WaitStateAsync(string state, string status = "Ready") =>
        WaitAsync($"{state} {status}", node => node.Modules[0].State == state && node.Modules[0].Status == status);

    public async Task WaitAsync(string what, Func<NodeState, bool> reached)
    {
        var seen = "no answer";
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < _patience)
        {
            try
            {
                var state = await Client.StateAsync();
                seen = string.Join("; ", state.Modules.Select(m => $"{m.State} {m.Status} rule={m.Rule} {m.ErrorText} {m.Mirror?.Peer}")) + state.Problem;
                if (reached(state))
                    return;
            }
            catch (SafeKitException e)
            {
                seen = e.Message;
            }

            await Task.Delay(_interval);
        }

        Assert.Fail($"{Name}: not within {_patience.TotalSeconds} s: {what}, but {seen}\n{Story()}");
    }

    /// <summary>The module's log, for the message of a test that fails.</summary>
    public string Story()
    {
        var log = Path.Combine(Paths.ModuleVar(Module), "module.log");
        return File.Exists(log) ? $"--- {Name}\n{File.ReadAllText(log)}" : $"--- {Name}: no log";
    }

    public void Dispose()
    {
        Client.Dispose();
        if (_daemon is null)
            return;
        if (!_daemon.HasExited)
            _daemon.Kill();
        _daemon.WaitForExit(_patience);
        _daemon.Dispose();
    }

    private static void AppendLine(string file, string? line)
    {
        if (line is not null)
            File.AppendAllText(file, line + "\n");
    }

    private void Signal(string name) => Tool.Run($"kill -{name} {_daemon!.Id}");
}
