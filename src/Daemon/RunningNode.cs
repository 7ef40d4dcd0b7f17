using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>A node that has a cluster: its filter, its modules, and the channel to the other daemons.</summary>
public sealed class RunningNode : IAsyncDisposable
{
    private readonly ModuleConfigurator _configurator;
    private readonly ClusterServer _server;
    private readonly ILogger _logger;
    private readonly Func<string, FarmModule> _open;
    private volatile IReadOnlyList<FarmModule> _modules;

    private RunningNode(
        NodePaths paths, ClusterContext cluster, ModuleConfigurator configurator, ILogger logger, Action<string> fail)
    {
        _configurator = configurator;
        _logger = logger;
        var ids = new ModuleIds(paths);
        Cluster = cluster;
        Filter = FilterHost.Open(paths.Bpf, cluster.HashSeed);
        _open = name => new FarmModule(new ModuleContext(name, ids.Of(name), paths, cluster, Filter, fail), configurator, logger);
        _modules = [.. configurator.ConfiguredModules().Select(_open)];
        Survey = new ClusterSurvey(this);
        _server = new ClusterServer(cluster.Key, Survey.Answer, logger);
    }

    public ClusterContext Cluster { get; }

    public FilterHost Filter { get; }

    public IReadOnlyList<FarmModule> Modules => _modules;

    public ClusterSurvey Survey { get; }

    public bool Healthy => Modules.All(m => m.Healthy);

    public static RunningNode Open(
        NodePaths paths, ClusterContext cluster, ModuleConfigurator configurator, ILogger logger, Action<string> fail)
    {
        var node = new RunningNode(paths, cluster, configurator, logger, fail);
        try
        {
            if (cluster.OwnCommandEndpoint is { } own)
                node._server.Listen(own);
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
    public FarmModule Module(string name) =>
        Modules.FirstOrDefault(m => m.Name == name)
        ?? throw new SafeKitException(NoModule(name));

    private string NoModule(string name) => _configurator.ConfiguredModules().Contains(name)
        ? $"module {name} is new on {Cluster.SelfName}: configure it first with safekit config -m {name}"
        : Modules.Count == 0
            ? $"there is no module on {Cluster.SelfName} yet; put {name} below {_configurator.Folder}, then: safekit config -m {name}"
            : $"there is no module '{name}' on {Cluster.SelfName}; there are: {string.Join(", ", Modules.Select(m => m.Name))}";

    /// <summary>Starts what starts at boot; a module that was never configured is configured first.</summary>
    public void StartAtBoot()
    {
        foreach (var module in Modules)
            module.Boot();
    }

    public ActionResult Configure(string name)
    {
        if (Modules.All(m => m.Name != name) && _configurator.ConfiguredModules().Contains(name))
            _modules = [.. Modules.Append(_open(name)).OrderBy(m => m.Name, StringComparer.Ordinal)];
        var module = Module(name);
        if (!module.Stopped)
            throw new SafeKitException($"module {name} is running; stop it first: safekit stop -m {name}");
        var configuration = _configurator.Apply(name, Cluster.Configuration);
        module.Log.Event("config", $"configuration {configuration.Signature:x16} applied");
        module.Reload();
        return new ActionResult(true, $"configuration {configuration.Signature:x16} of {name} applied");
    }

    public Task StopModulesAsync() => Task.WhenAll(Modules.Select(m => m.ShutDownAsync()));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _server.DisposeAsync();
            foreach (var module in Modules)
                await module.DisposeAsync();
        }
        finally
        {
            foreach (var left in Filter.Close())
                LogMessages.Fatal(_logger, left);
        }
    }
}
