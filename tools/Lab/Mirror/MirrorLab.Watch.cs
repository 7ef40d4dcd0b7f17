using System.Diagnostics;
using SafeKit.Core.Control;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Trees;

namespace SafeKit.Lab.Mirror;

/// <summary>Looking at the mirror, waiting for it, and the orders that concern both nodes.</summary>
public sealed partial class MirrorLab
{
    /// <summary>Generous: outages are judged by what clients see, not by how long a busy machine takes to settle.</summary>
    public static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan _arrivalLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(50);

    public async Task<MirrorPicture> PictureAsync(CancellationToken cancel = default)
    {
        var modules = await Task.WhenAll(_nodes.Select(async node =>
            (node.Name, Module: (await node.StateAsync(cancel))?.Modules.FirstOrDefault(module => module.Module == node.Module))));
        return new MirrorPicture(modules.ToDictionary(entry => entry.Name, entry => (ModuleState?)entry.Module));
    }

    /// <summary>Waits until a picture satisfies the condition and returns how long that took.</summary>
    /// <exception cref="LabException">Not within the limit; the message shows the last picture and both nodes' logs.</exception>
    public async Task<TimeSpan> WaitForAsync(
        string what, Func<MirrorPicture, bool> condition, CancellationToken cancel = default, TimeSpan? limit = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var picture = await PictureAsync(cancel);
            if (condition(picture))
                return watch.Elapsed;
            if (watch.Elapsed > (limit ?? SettleLimit))
                throw new LabException($"{what}: not within {(limit ?? SettleLimit).TotalSeconds} s; {picture.Describe()}\n{await LogsAsync()}");
            await Task.Delay(_pollInterval, cancel);
        }
    }

    /// <summary>Waits until one node leads and the other has everything.</summary>
    public Task<TimeSpan> WaitPairedAsync(CancellationToken cancel = default) =>
        WaitForAsync("one node PRIM, the other SECOND", picture => picture.IsPaired, cancel);

    /// <summary>Waits until this node leads, with or without the other.</summary>
    public Task<TimeSpan> WaitLeadsAsync(MirrorNode node, CancellationToken cancel = default) =>
        WaitForAsync($"{node.Name} leading", picture => picture.Primary == node.Name, cancel);

    /// <summary>The node that leads now.</summary>
    public async Task<MirrorNode> PrimaryAsync(CancellationToken cancel = default)
    {
        var picture = await PictureAsync(cancel);
        return picture.Primary is { } name ? Node(name) : throw new LabException($"there is no single primary: {picture.Describe()}");
    }

    /// <summary>The first start: the administrator says whose data is the good one.</summary>
    public async Task FirstStartAsync(CancellationToken cancel = default)
    {
        await _nodes[0].MustCliAsync("prim", "-m", Files.Module);
        await WaitForAsync(
            "node1 leading, and heard to lead", picture => picture.Primary == "node1" && picture.HearsPrimary("node2"), cancel);
        await _nodes[1].MustCliAsync("second", "-m", Files.Module);
        await WaitPairedAsync(cancel);
    }

    /// <summary>Daemons and first start.</summary>
    public async Task StartAsync(CancellationToken cancel = default)
    {
        await StartDaemonsAsync();
        await WaitForAsync("both daemons answering", picture => picture.Modules.Values.All(module => module is not null), cancel);
        await FirstStartAsync(cancel);
    }

    /// <summary>
    /// Stops the module on both nodes, the secondary first, so that both hold the same. PostgreSQL must not write once the secondary has left,
    /// not even what it writes when it stops: it is suspended before and killed then, and recovers at its next start.
    /// </summary>
    public async Task StopBothAsync(CancellationToken cancel = default)
    {
        await WaitPairedAsync(cancel);
        var primary = await PrimaryAsync(cancel);
        await primary.SuspendApplicationAsync();
        await Command.MustRunAsync(primary.Machine.Inside("sync", "--file-system", Files.DataPath), timeout: SettleLimit);
        await StopAsync(Other(primary), cancel);
        primary.KillApplication();
        await StopAsync(primary, cancel);
    }

    /// <summary>
    /// Compares the data of both nodes while the module runs: the application stands still, everything it wrote is on its way to the other node,
    /// and once it has arrived both are the same, or never. Returns the last comparison.
    /// </summary>
    public async Task<TreeReport> CompareStandingStillAsync(CancellationToken cancel = default)
    {
        await WaitPairedAsync(cancel);
        var primary = await PrimaryAsync(cancel);
        await primary.SuspendApplicationAsync();
        try
        {
            await Command.MustRunAsync(primary.Machine.Inside("sync", "--file-system", Files.DataPath), timeout: SettleLimit);
            var watch = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    if (CompareTrees() is var trees && (trees.Identical || watch.Elapsed > _arrivalLimit))
                        return trees;
                }
                catch (LabException) when (watch.Elapsed < _arrivalLimit)
                {
                    // The secondary has just removed what was about to be read.
                }

                await Task.Delay(_pollInterval, cancel);
            }
        }
        finally
        {
            primary.ResumeApplication();
        }
    }

    private async Task StopAsync(MirrorNode node, CancellationToken cancel)
    {
        await node.MustCliAsync("stop", "-m", Files.Module);
        await WaitForAsync($"{node.Name} stopped", picture => picture.Modules[node.Name]?.State == "STOP", cancel);
    }

    /// <summary>The ends of all logs of both nodes, for messages.</summary>
    public async Task<string> LogsAsync(int lines = 40) =>
        string.Join('\n', await Task.WhenAll(_nodes.Select(node => node.ModuleLogTailAsync(lines))));
}
