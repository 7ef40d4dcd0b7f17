using System.Diagnostics;
using SafeKit.Core.Control;

namespace SafeKit.Lab;

/// <summary>Looking at the cluster and waiting for it.</summary>
public sealed partial class ClusterLab
{
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Names of all nodes, for "the cluster is whole".</summary>
    public IReadOnlyCollection<string> NodeNames => _nodes.Select(node => node.Name).ToList();

    public async Task<ClusterPicture> PictureAsync(CancellationToken cancel = default)
    {
        var states = await Task.WhenAll(_nodes.Select(async node => (node.Name, State: await node.StateAsync(cancel))));
        return new ClusterPicture(states.ToDictionary(entry => entry.Name, entry => (NodeState?)entry.State));
    }

    /// <summary>Waits until a picture satisfies the condition and returns how long that took.</summary>
    /// <exception cref="LabException">Not within the limit; the message shows the last picture and the daemons' logs.</exception>
    public async Task<TimeSpan> WaitForAsync(
        string what, Func<ClusterPicture, bool> condition, TimeSpan limit, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var picture = await PictureAsync(cancel);
            if (condition(picture))
                return watch.Elapsed;
            if (watch.Elapsed > limit)
                throw new LabException($"{what}: not within {limit.TotalSeconds} s; {picture.Describe()}\n{LogTails(6)}");
            await Task.Delay(_pollInterval, cancel);
        }
    }

    /// <summary>Waits until all given nodes (default: all) serve with equal shares.</summary>
    public Task<TimeSpan> WaitWholeAsync(
        TimeSpan limit, IReadOnlyCollection<string>? nodes = null, CancellationToken cancel = default)
    {
        var expected = nodes ?? NodeNames;
        return WaitForAsync($"{string.Join(", ", expected)} serving alike", picture => picture.IsWhole(expected), limit, cancel);
    }

    public string LogTails(int lines) => string.Join('\n', _nodes.Select(node => node.LogTail(lines)));
}
