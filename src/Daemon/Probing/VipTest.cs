using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon.Probing;

/// <summary><c>safekit vip test</c>: which modes work on this network, for every virtual interface of the farm modules.</summary>
public sealed class VipTest(RunningNode node, ModuleConfigurator configurator, ILogger logger)
{
    /// <summary>Two rounds of questions, each answered or given up within seconds.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(25);

    /// <param name="module">null for every farm module that has virtual addresses.</param>
    /// <exception cref="SafeKitException">There is nothing to test, or it took too long.</exception>
    public async Task<VipTestAnswer> RunAsync(string? module, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_limit);
        var reports = new List<VipTestReport>();
        try
        {
            foreach (var place in Places(module))
                reports.Add(await RunAsync(place, limit.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new SafeKitException($"the test did not end within {_limit.TotalSeconds:0} s; name one module with -m, and look at safekit cluster state");
        }

        return new VipTestAnswer(reports);
    }

    /// <summary>The virtual addresses of a farm module, as its configuration in force says.</summary>
    /// <exception cref="SafeKitException">It is no farm module, not configured, or has none.</exception>
    public VipConfiguration VipOf(string module)
    {
        if (node.Module(module) is not FarmModule)
            throw new SafeKitException($"{module} is no farm module: the modes are those of a farm's virtual address");
        if (!configurator.IsApplied(module))
            throw new SafeKitException($"module {module} is not configured on {node.Cluster.SelfName}; safekit config -m {module}");
        return configurator.ReadActive(module).Vip is { Interfaces.Count: > 0 } vip
            ? vip
            : throw new SafeKitException($"module {module} has no virtual address: there is nothing to test");
    }

    private async Task<VipTestReport> RunAsync(ProbePlace place, CancellationToken cancel)
    {
        var report = await new ProbeRun(place, node.Cluster.Configuration.Nodes, node.Survey.ProbeAsync).RunAsync(cancel);
        foreach (var verdict in report.Modes)
            LogMessages.VipTest(logger, place.Module, $"{place.Address}", verdict.Mode, verdict.Verdict, verdict.Rule, verdict.Reason);
        return report;
    }

    private List<ProbePlace> Places(string? module)
    {
        if (module is not null)
            return [.. ProbePlace.All(module, VipOf(module))];
        var places = node.Modules.OfType<FarmModule>()
            .Where(m => configurator.IsApplied(m.Name) && configurator.ReadActive(m.Name).Vip is { Interfaces.Count: > 0 })
            .SelectMany(m => ProbePlace.All(m.Name, VipOf(m.Name)))
            .ToList();
        return places.Count > 0
            ? places
            : throw new SafeKitException("no configured farm module of this node has a virtual address; safekit state lists the modules");
    }
}
