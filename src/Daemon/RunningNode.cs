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

    private RunningNode(
        NodePaths paths, ClusterContext cluster, ModuleConfigurator configurator, ILogger logger, Action<string> fail)
    {
        _configurator = configurator;
        Cluster = cluster;
        Filter = FilterHost.Open(paths.Bpf, cluster.HashSeed);
        Modules = [.. configurator.ConfiguredModules().Select((name, i) =>
            new FarmModule(new ModuleContext(name, i + 1, paths, cluster, Filter, fail), configurator, logger))];
        Survey = new ClusterSurvey(this);
        _server = new ClusterServer(cluster.Key, Survey.Answer, logger);
    }

    public ClusterContext Cluster { get; }

    public FilterHost Filter { get; }

    public IReadOnlyList<FarmModule> Modules { get; }

    public ClusterSurvey Survey { get; }

    public bool Healthy => Modules.All(m => m.Healthy);

    public static RunningNode Open(
        NodePaths paths, ClusterContext cluster, ModuleConfigurator configurator, ILogger logger, Action<string> fail)
    {
        var node = new RunningNode(paths, cluster, configurator, logger, fail);
        if (cluster.OwnCommandEndpoint is { } own)
            node._server.Listen(own);
        return node;
    }

    public IReadOnlyList<Core.Control.ModuleState> ModuleStates() => [.. Modules.Select(m => m.State())];

    /// <exception cref="SafeKitException">There is no such module.</exception>
    public FarmModule Module(string name) =>
        Modules.FirstOrDefault(m => m.Name == name)
        ?? throw new SafeKitException(
            $"there is no module '{name}' on {Cluster.SelfName}; there are: {string.Join(", ", Modules.Select(m => m.Name))}");

    /// <summary>Starts what starts at boot; a module that was never configured is configured first.</summary>
    public void StartAtBoot()
    {
        foreach (var module in Modules)
            module.Boot();
    }

    public ActionResult Configure(string name)
    {
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
        await _server.DisposeAsync();
        foreach (var module in Modules)
            await module.DisposeAsync();
        Filter.Dispose();
    }
}
