using System.Text;
using SafeKit.Core;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>
/// Random leaves, returns, drains (also of two nodes at once) and crashes, one after the other, under long connections: of those whose node
/// stays none may break, and those of a crashed node must hear of it.
/// </summary>
public sealed class ConnectionStorm(ClusterLab lab, LongConnections connections, int seed)
{
    private static readonly TimeSpan _settleLimit = TimeSpan.FromSeconds(30);

    // A request under way when the node dies is repeated by TCP after 0.2, 0.6, 1.4, 3.0 s: silence for longer is a hang.
    private static readonly TimeSpan _resetLimit = TimeSpan.FromSeconds(9);

    private readonly Random _random = new(seed);
    private readonly StormReport _report = new();

    public async Task<StormReport> RunAsync(int events, Action<string> say, CancellationToken cancel = default)
    {
        while (_report.Events < events)
        {
            var victims = lab.Nodes.OrderBy(_ => _random.Next()).Take(2).ToList();
            var kind = _random.Next(4);
            say($"event {_report.Events}: {(kind switch { 0 => "leave", 1 => "crash", 2 => "drain", _ => "two drain" })} {victims[0].Name}");
            switch (kind)
            {
                case 0:
                    await LeaveAsync(victims[0], cancel);
                    break;
                case 1:
                    await CrashAsync(victims[0], cancel);
                    break;
                case 2:
                    await DrainAsync([victims[0]], cancel);
                    break;
                default:
                    await DrainAsync(victims, cancel);
                    break;
            }

            await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
            await PauseAsync(cancel);
            await connections.MendAsync();
        }

        return _report;
    }

    private async Task LeaveAsync(LabNode victim, CancellationToken cancel)
    {
        await victim.LeaveAsync();
        await lab.WaitWholeAsync(_settleLimit, Without([victim]), cancel);
        await PauseAsync(cancel);
        await NodeFaults.BringBackAsync(victim);
        _report.Events += 2;
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        await PauseAsync(cancel);
        Judge(victim.Name);
    }

    private async Task DrainAsync(IReadOnlyList<LabNode> victims, CancellationToken cancel)
    {
        foreach (var victim in victims)
            await victim.OrderAsync("drain");
        var others = Without(victims);
        await lab.WaitForAsync(
            "the others serving alone",
            picture => others.Sum(picture.Buckets) == picture.BucketsOfAll && picture.Spread(others) <= 1,
            _settleLimit,
            cancel);
        await PauseAsync(cancel);
        foreach (var victim in victims)
            await victim.OrderAsync("undrain");
        _report.Events += 2 * victims.Count;
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        await PauseAsync(cancel);
        Judge("");
    }

    private async Task CrashAsync(LabNode victim, CancellationToken cancel)
    {
        var count = connections.CountOf(victim.Name);
        await victim.PowerOffAsync();
        var heirs = Without([victim]);
        await lab.WaitForAsync(
            "the heirs taking over",
            picture => heirs.All(picture.IsUp) && heirs.Sum(picture.Buckets) == picture.BucketsOfAll,
            _settleLimit,
            cancel);
        var takenNs = MonotonicClock.NowNs;
        var deadline = DateTime.UtcNow + _resetLimit;
        while (OfVictim(victim).Count < count && DateTime.UtcNow < deadline)
            await Task.Delay(20, cancel);
        foreach (var lost in OfVictim(victim))
        {
            if (lost.Hung)
                _report.CrashHung.Add($"{lost.Client}: {await ExplainAsync(lost, heirs)}");
            else
                _report.CrashResetsS.Add(MonotonicClock.ToMs(lost.AtNs - Math.Max(takenNs, lost.AskedNs)) / 1000);
        }

        if (OfVictim(victim).Count < count)
            _report.CrashHung.Add($"{count - OfVictim(victim).Count} of {victim.Name} were told nothing and had nothing to ask");
        await NodeFaults.BringBackAsync(victim);
        _report.Events += 2;
        await lab.WaitWholeAsync(_settleLimit, cancel: cancel);
        Judge(victim.Name);
    }

    /// <summary>Who owns it, what each heir's kernel has of it, and what the heirs did last.</summary>
    private async Task<string> ExplainAsync(BrokenConnection connection, IReadOnlyList<string> heirs)
    {
        var text = new StringBuilder();
        foreach (var node in lab.Nodes.Where(node => heirs.Contains(node.Name)))
        {
            var trace = await node.CliAsync("trace", "--local", connection.Client, $"{LabAddresses.Web4}");
            var sockets = await Command.RunAsync(node.Machine.Inside("ss", "-Htan", "dst", connection.Client));
            text.AppendLine().AppendLine(trace.Text).AppendLine($"sockets: {sockets.Text}").AppendLine(node.LogTail(30));
        }

        return text.ToString();
    }

    private List<BrokenConnection> OfVictim(LabNode victim) =>
        [.. connections.Broken.Where(broken => broken.Node == victim.Name)];

    private List<string> Without(IReadOnlyList<LabNode> victims) =>
        [.. lab.NodeNames.Except(victims.Select(victim => victim.Name))];

    private void Judge(string concerned) =>
        _report.Broken.AddRange(connections.Broken
            .Where(broken => broken.Node != concerned)
            .Select(broken => $"after event {_report.Events}: on {broken.Node}: {broken.Text}"));

    private Task PauseAsync(CancellationToken cancel) => Task.Delay(_random.Next(200, 1200), cancel);
}
