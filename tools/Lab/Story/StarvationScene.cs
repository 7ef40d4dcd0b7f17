using System.Diagnostics;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;

namespace SafeKit.Lab.Story;

/// <summary>F4: all processors are taken at real-time priority while clients ask. The cluster must be whole before, and is whole after.</summary>
public sealed class StarvationScene(ClusterLab lab, WireCapture wire)
{
    private const int RequestsPerSecond = 50;
    private static readonly TimeSpan _wholeLimit = TimeSpan.FromSeconds(60);

    /// <param name="priority">Of the loops, as <see cref="Starvation"/> takes it.</param>
    public async Task<StarvationReport> RunAsync(TimeSpan time, int priority, CancellationToken cancel = default)
    {
        var logged = lab.Nodes.ToDictionary(node => node.Name, node => File.ReadAllLines(node.DaemonLog).Length);
        var before = wire.Report();
        var taken = 0.0;
        var watch = Stopwatch.StartNew();
        await using var load = new LoadGroup(lab.Clients, new LoadOptions { RequestsPerSecond = RequestsPerSecond });
        await using (await EchoLoad.StartAsync(lab.Clients))
        {
            await using (var loops = await Starvation.StartAsync(lab.Clients[0].Machine, priority, Path.Combine(lab.Folder, "starvation.log")))
            {
                var takenBefore = loops.Taken();
                watch.Restart();
                await Task.Delay(time, cancel);
                watch.Stop();
                taken = (loops.Taken() - takenBefore) / (watch.Elapsed * Environment.ProcessorCount);
            }

            await lab.WaitWholeAsync(_wholeLimit, cancel: cancel);
        }

        var said = lab.Nodes
            .SelectMany(node => File.ReadAllLines(node.DaemonLog).Skip(logged[node.Name]).Select(line => $"{node.Name}: {line}"))
            .Where(line => IsOf(line, "propose") || IsOf(line, "self-late"))
            .ToList();
        return new StarvationReport(
            watch.Elapsed, taken, said.Count(IsFailover), said.Count(line => IsOf(line, "self-late")),
            wire.Report().Since(before), load.Snapshot(), said);
    }

    /// <summary>Not the view in which former holders are forgotten, which may come at any time.</summary>
    private static bool IsFailover(string line) => IsOf(line, "propose") && !line.EndsWith("because=drained", StringComparison.Ordinal);

    private static bool IsOf(string line, string rule) => line.Contains($"rule={rule} ", StringComparison.Ordinal);
}
