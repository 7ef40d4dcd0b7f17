using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>
/// One node: its cluster, its filter, its modules. Everything that the control API may ask is a method here; status is put
/// together from what the parts already know and waits for none of them.
/// </summary>
public sealed class NodeDaemon : IAsyncDisposable
{
    private static readonly TimeSpan _retryInterval = TimeSpan.FromSeconds(3);
    private readonly NodePaths _paths;
    private readonly ILogger _logger;
    private readonly ModuleConfigurator _configurator;
    private readonly Action<string> _fail;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly SemaphoreSlim _commands = new(1, 1);
    private volatile RunningNode? _running;
    private readonly Timer _retry;
    private volatile string _problem = "";
    private bool _closed;

    /// <param name="fail">Called when going on would be unsafe: the process must end.</param>
    public NodeDaemon(NodePaths paths, ILoggerFactory loggers, Action<string> fail)
    {
        _paths = paths;
        _logger = loggers.CreateLogger("safekit");
        _fail = fail;
        _configurator = new ModuleConfigurator(paths);
        // An address or a port may be late at boot: what could not be started is tried again.
        _retry = new Timer(_ => _ = RetryAsync(), null, _retryInterval, _retryInterval);
    }

    /// <summary>What an administrator can do to a module.</summary>
    public static IReadOnlyList<string> ModuleActions { get; } =
        ["start", "stop", "restart", "stopstart", "drain", "undrain", "open", "close", "swap", "prim", "primforce", "second", "config", "verify"];

    public static string Version { get; } = typeof(NodeDaemon).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Whether the watchdog may be fed: every membership loop of this node is alive.</summary>
    public bool Healthy => _running?.Healthy ?? true;

    /// <summary>Loads cluster and modules and starts those that start at boot. A node without a cluster waits for one.</summary>
    public async Task StartAsync()
    {
        await _commands.WaitAsync();
        try
        {
            await OpenAsync();
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Under <see cref="_commands"/>.</summary>
    private async Task OpenAsync()
    {
        try
        {
            var cluster = ClusterContext.Load(_paths);
            _running = RunningNode.Open(_paths, cluster, _configurator, _logger, _fail);
            LogMessages.Starting(_logger, Version, cluster.SelfName, _paths.Root, _running.Modules.Count);
            await _running.StartAtBootAsync();
            _problem = "";
        }
        catch (Exception e) when (e is SafeKitException or IOException or UnauthorizedAccessException)
        {
            // The same problem at every retry is one line in the log.
            if (_problem != e.Message)
                LogMessages.NotConfigured(_logger, e.Message);
            _problem = e.Message;
        }
    }

    public NodeState State()
    {
        var uptimeS = Stopwatch.GetElapsedTime(_startedAt).TotalSeconds;
        return _running is { } running
            ? new NodeState(
                running.Cluster.SelfName, null, Version, running.Cluster.Signature, uptimeS, running.ModuleStates(), running.Filter.State())
            : new NodeState(
                Environment.MachineName,
                _problem.Length > 0 ? _problem : null,
                Version,
                "",
                uptimeS,
                [],
                new FilterState(0, [], new Dictionary<string, ulong>(), []));
    }

    public Task<ClusterState> ClusterStateAsync(CancellationToken cancel) => Running().Survey.StateAsync(cancel);

    public Task<TraceAnswer> TraceAsync(TraceRequest request, CancellationToken cancel) =>
        Running().Survey.TraceAsync(request, cancel);

    /// <summary>Tries which modes of virtual addresses work on this network.</summary>
    /// <param name="module">null for every farm module.</param>
    public Task<VipTestAnswer> VipTestAsync(string? module, CancellationToken cancel) => Running().VipTest.RunAsync(module, cancel);

    public IReadOnlyList<LogLine> Log(string module, int lines, bool all) =>
        Running().Module(module).Log.Newest(lines, all);

    public async Task<ActionResult> ModuleActionAsync(string module, ModuleOrder order, CancellationToken cancel)
    {
        // A comparison of all data takes its time, and nothing else need wait for it.
        if (order.Action == "verify")
            return await Running().Module(module).VerifyAsync(cancel);
        // A script of a module that is being stopped must not wait for that stop.
        if (order.IsOfTraffic)
            return await Running().Module(module).CommandAsync(order);
        await _commands.WaitAsync(cancel);
        try
        {
            var running = Running();
            return order.Action == "config" ? await running.ConfigureAsync(module) : await running.Module(module).CommandAsync(order);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Replaces the cluster configuration; refused while a module runs, and nothing changes if it has errors.</summary>
    public async Task<ActionResult> ClusterConfigAsync(string xml)
    {
        await _commands.WaitAsync();
        try
        {
            if (_running?.Modules.FirstOrDefault(m => !m.Stopped) is { } module)
                throw new SafeKitException($"module {module.Name} is running; stop it first: safekit stop -m {module.Name}");
            var read = ClusterConfigurationReader.ReadText(xml, "cluster.xml");
            if (read.Value is null)
                throw new SafeKitException(FindingText.Errors(read.Findings));
            Replace(_paths.ClusterXml, xml);
            var made = ClusterKey.CreateIfMissing(_paths.ClusterKey);
            await CloseAsync();
            await OpenAsync();
            if (_problem.Length > 0)
                throw new SafeKitException("the configuration was stored, but: " + _problem);
            return new ActionResult(true, made
                ? $"applied; a new cluster key was made: copy {_paths.ClusterKey} to every other node before you configure it there"
                : "applied");
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Leaves every farm as it is, for the daemon that follows at once, and stops what cannot go on without one.</summary>
    public async Task HandOverAsync()
    {
        if (_running is { } running)
            await running.HandOverAsync();
    }

    /// <summary>Leaves every farm, stops every module, detaches the filter.</summary>
    public async Task StopAsync()
    {
        if (_running is { } running)
            await running.StopModulesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _commands.WaitAsync();
        _closed = true;
        _commands.Release();
        await _retry.DisposeAsync();
        await CloseAsync();
    }

    private async Task RetryAsync()
    {
        if (_running is not null || !File.Exists(_paths.ClusterXml) || !_commands.Wait(0))
            return;
        try
        {
            if (_running is null && !_closed)
                await OpenAsync();
        }
        finally
        {
            _commands.Release();
        }
    }

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _running, null) is { } running)
            await running.DisposeAsync();
    }

    private RunningNode Running() =>
        _running ?? throw new SafeKitException(_problem.Length > 0 ? _problem : "this node is starting or stopping; try again");

    private static void Replace(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file + ".new", content);
        File.Move(file + ".new", file, overwrite: true);
    }
}
