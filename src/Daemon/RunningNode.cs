using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Daemon.Mirror;
using SafeKit.Daemon.Probing;
using SafeKit.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>A node that has a cluster: its filter, its modules, and the channel to the other daemons.</summary>
public sealed class RunningNode : IAsyncDisposable
{
    private readonly ModuleConfigurator _configurator;
    private readonly ClusterServer _server;
    private readonly ILogger _logger;
    private readonly NodePaths _paths;
    private readonly ModuleIds _ids;
    private readonly Action<string> _fail;
    private FloodWatch? _floods;
    private volatile IReadOnlyList<INodeModule> _modules;
    private bool _handsOver;

    private RunningNode(
        NodePaths paths, ClusterContext cluster, ModuleConfigurator configurator, ILogger logger, Action<string> fail)
    {
        _configurator = configurator;
        _logger = logger;
        _paths = paths;
        _ids = new ModuleIds(paths);
        _fail = fail;
        Cluster = cluster;
        Filter = FilterHost.Open(paths.Bpf, cluster.HashSeed);
        _modules = [.. configurator.ConfiguredModules().Select(OpenModule)];
        // Of what a former daemon left in the filter only farms can go on without it.
        Filter.KeepInherited([.. _modules.OfType<FarmModule>().Select(m => m.Name)]);
        Survey = new ClusterSurvey(this);
        VipTest = new VipTest(this, configurator, logger);
        Probes = new ProbeDesk(cluster, VipTest.VipOf, Filter.PlaceOn);
        _server = new ClusterServer(cluster.Key, Survey.Answer, logger);
    }

    public ClusterContext Cluster { get; }

    public FilterHost Filter { get; }

    public IReadOnlyList<INodeModule> Modules => _modules;

    public ClusterSurvey Survey { get; }

    public VipTest VipTest { get; }

    /// <summary>This node's part in tests of the network.</summary>
    public ProbeDesk Probes { get; }

    public bool Healthy => Modules.All(m => m.Healthy);

    public static RunningNode Open(
        NodePaths paths, ClusterContext cluster, ModuleConfigurator configurator, ILogger logger, Action<string> fail)
    {
        var node = new RunningNode(paths, cluster, configurator, logger, fail);
        try
        {
            if (cluster.OwnCommandEndpoint is { } own)
                node._server.Listen(own);
            node._floods = new FloodWatch(node.Filter, node.LogFlood);
            return node;
        }
        catch (SafeKitException)
        {
            node.Filter.Close();
            throw;
        }
    }

    public IReadOnlyList<Core.Control.ModuleState> ModuleStates() => [.. Modules.Select(m => m.State())];

    /// <exception cref="SafeKitException">There is no such module.</exception>
    public INodeModule Module(string name) =>
        Modules.FirstOrDefault(m => m.Name == name)
        ?? throw new SafeKitException(NoModule(name));

    /// <summary>The kind of a module follows its configuration.</summary>
    private INodeModule OpenModule(string name)
    {
        var context = new ModuleContext(name, _ids.Of(name), _paths, Cluster, Filter, _fail);
        return _configurator.ModeOf(name) == ServiceMode.Mirror
            ? new MirrorModule(context, _configurator, (settings, events) => new ReplicatedData(settings, events), _logger)
            : new FarmModule(context, _configurator, _logger);
    }

    private async Task<INodeModule> ReplaceAsync(INodeModule module)
    {
        // Its log and its port belong to one object at a time.
        await module.DisposeAsync();
        var successor = OpenModule(module.Name);
        _modules = [.. Modules.Select(m => m == module ? successor : m)];
        return successor;
    }

    private void LogFlood(string module, string line) => Modules.FirstOrDefault(m => m.Name == module)?.Log.Event("vip", line);

    private string NoModule(string name) => _configurator.ConfiguredModules().Contains(name)
        ? $"module {name} is new on {Cluster.SelfName}: configure it first with safekit config -m {name}"
        : Modules.Count == 0
            ? $"there is no module on {Cluster.SelfName} yet; put {name} below {_configurator.Folder}, then: safekit config -m {name}"
            : $"there is no module '{name}' on {Cluster.SelfName}; there are: {string.Join(", ", Modules.Select(m => m.Name))}";

    /// <summary>Starts what starts at boot; a module that was never configured is configured first.</summary>
    public async Task StartAtBootAsync()
    {
        foreach (var module in Modules)
            await module.BootAsync();
        Filter.KeepInherited([.. Modules.Where(m => m.Adopted).Select(m => m.Name)]);
        foreach (var note in Filter.Notes)
            LogMessages.Filter(_logger, note);
    }

    public async Task<ActionResult> ConfigureAsync(string name)
    {
        if (Modules.All(m => m.Name != name) && _configurator.ConfiguredModules().Contains(name))
            _modules = [.. Modules.Append(OpenModule(name)).OrderBy(m => m.Name, StringComparer.Ordinal)];
        var module = Module(name);
        if (!module.Stopped)
            throw new SafeKitException($"module {name} is running; stop it first: safekit stop -m {name}");
        var configuration = _configurator.Apply(name, Cluster.Configuration);
        if (module.Serves(configuration.Service.Mode))
            await module.ReloadAsync();
        else
            module = await ReplaceAsync(module);
        module.Log.Event("config", $"configuration {configuration.Signature:x16} applied");
        return new ActionResult(true, $"configuration {configuration.Signature:x16} of {name} applied");
    }

    /// <summary>Another daemon follows at once: what can go on without one is left as it is.</summary>
    public Task HandOverAsync()
    {
        _handsOver = true;
        return Task.WhenAll(Modules.Select(m => m.HandOverAsync()));
    }

    public Task StopModulesAsync() => Task.WhenAll(Modules.Select(m => m.ShutDownAsync()));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _server.DisposeAsync();
            if (_floods is { } floods)
                await floods.DisposeAsync();
            Probes.Dispose();
            foreach (var module in Modules)
                await module.DisposeAsync();
        }
        finally
        {
            if (_handsOver)
                Filter.Leave();
            foreach (var left in _handsOver ? [] : Filter.Close())
                LogMessages.Fatal(_logger, left);
        }
    }
}
