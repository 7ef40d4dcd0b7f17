using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>The load of all clients of a lab, judged together.</summary>
public sealed class LoadGroup : IAsyncDisposable
{
    private readonly List<ClientLoad> _loads;

    public LoadGroup(IEnumerable<LabClient> clients, LoadOptions options) =>
        _loads = clients.Select(client => new ClientLoad(client, options)).ToList();

    public IReadOnlyList<ClientLoad> Loads => _loads;

    public LoadSnapshot Snapshot() => _loads.Select(load => load.Statistics.Snapshot()).Aggregate((sum, part) => sum.Plus(part));

    /// <summary>What was seen while <paramref name="action"/> ran.</summary>
    public async Task<LoadSnapshot> DuringAsync(Func<Task> action)
    {
        var before = Snapshot();
        await action();
        return Snapshot().Since(before);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var load in _loads)
            await load.DisposeAsync();
    }
}
