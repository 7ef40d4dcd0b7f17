using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>The checkers of a module that run now, by the part of its life in which they do.</summary>
/// <param name="changed">Called with every observation, on a thread of the checker.</param>
public sealed class CheckerDesk(
    IReadOnlyList<TcpCheckerConfiguration> configured, ModuleLog log, ResourceTable resources, Action<Resource> changed) : IDisposable
{
    private readonly Dictionary<CheckerWhen, (CancellationTokenSource End, List<TcpCheckerConfiguration> Checkers)> _running = [];

    public void Start(CheckerWhen when, Func<TcpCheckerConfiguration, bool> belongs)
    {
        Stop(when);
        var end = new CancellationTokenSource();
        var checkers = configured.Where(belongs).ToList();
        _running[when] = (end, checkers);
        foreach (var configuration in checkers)
            _ = new TcpChecker(configuration, resource => Observe(resource, end.Token)).RunAsync(end.Token);
    }

    public void Stop(CheckerWhen when)
    {
        if (!_running.Remove(when, out var running))
            return;
        running.End.Cancel();
        foreach (var configuration in running.Checkers)
            resources.Remove(configuration.Resource);
    }

    public void Dispose()
    {
        foreach (var when in _running.Keys.ToList())
            Stop(when);
    }

    private void Observe(Resource resource, CancellationToken stillWanted)
    {
        if (stillWanted.IsCancellationRequested)
            return;
        if (resources.Set(resource))
            log.Event("checker", $"Resource {resource.Name} set to {resource.Value} by tcp checker: {resource.Reason}");
        changed(resource);
    }
}
