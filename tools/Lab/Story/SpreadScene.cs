using SafeKit.Core.Control;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Story;

/// <summary>The undisturbed cluster: equal shares by the nodes' own word and by what clients see, trace agrees with the wire.</summary>
public static class SpreadScene
{
    private const int PortsTraced = 24;

    /// <summary>Five standard deviations: once in a million runs by chance.</summary>
    private const double Deviations = 5;

    private static readonly TimeSpan _loadTime = TimeSpan.FromSeconds(4);

    public static async Task PlayAsync(TourStage stage)
    {
        var picture = await stage.Lab.PictureAsync(stage.Cancel);
        var spread = picture.Spread(stage.Lab.NodeNames);
        stage.Report.Measure("bucket_spread", spread, "buckets");
        stage.Report.Promise("shares_within_one_bucket", picture.IsWhole(stage.Lab.NodeNames), picture.Describe());

        var seen = await stage.Load.DuringAsync(() => Task.Delay(_loadTime, stage.Cancel));
        stage.Report.Measure("requests_per_second", seen.Answers / _loadTime.TotalSeconds, "1/s");
        stage.Report.Measure("latency_p50_ms", seen.PercentileMs(0.50), "ms");
        stage.Report.Measure("latency_p99_ms", seen.PercentileMs(0.99), "ms");
        stage.Report.Promise("undisturbed_no_error", seen.Failures == 0, $"errors: {seen.ErrorText}");
        var expected = 1.0 / stage.Lab.Nodes.Count;
        var bound = Deviations * Math.Sqrt(expected * (1 - expected) / Math.Max(1, seen.Answers));
        foreach (var node in stage.Lab.NodeNames)
            stage.Report.Measure($"share_{node}_percent", 100 * seen.ShareOf(node), "%");
        stage.Report.Promise(
            "clients_see_equal_shares",
            stage.Lab.NodeNames.All(node => Math.Abs(seen.ShareOf(node) - expected) < bound),
            $"{seen.Answers} answers, each share within {100 * bound:0.0} points of {100 * expected:0.0} %");
        await TraceAsync(stage);
    }

    private static async Task TraceAsync(TourStage stage)
    {
        using var control = stage.Lab.Nodes[0].OpenControl(TimeSpan.FromSeconds(5));
        var wrong = new List<string>();
        var owners = stage.Lab.NodeNames
            .SelectMany(node => stage.Probe.PortsOf(node).Take(PortsTraced / stage.Lab.Nodes.Count).Select(port => (node, port)))
            .ToList();
        foreach (var (node, port) in owners)
        {
            var answer = await control.TraceAsync(
                new TraceRequest(
                    stage.Lab.Clients[0].Address4.ToString(), port, LabAddresses.Virtual4.ToString(), LabAddresses.WebPort, "tcp", Local: false),
                stage.Cancel);
            var takers = answer.Nodes.Where(verdict => verdict.Verdict == "taken").Select(verdict => verdict.Node).ToList();
            if (takers is not [var taker] || taker != node)
                wrong.Add($"port {port} is answered by {node}, trace says {string.Join("+", takers)}");
        }

        stage.Report.Promise(
            "trace_agrees_with_clients", wrong.Count == 0 && owners.Count > 0,
            wrong.Count == 0 ? $"{owners.Count} connections traced" : string.Join("; ", wrong.Take(3)));
    }
}
