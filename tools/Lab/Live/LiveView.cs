using SafeKit.Core;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;
using Spectre.Console;

namespace SafeKit.Lab.Live;

/// <summary>The lab in a terminal: a picture four times a second, and keys that break and repair nodes.</summary>
public sealed class LiveView
{
    private static readonly TimeSpan _drawInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _probeInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _stateLimit = TimeSpan.FromMilliseconds(200);

    private readonly ClusterLab _lab;
    private readonly LoadGroup _load;
    private readonly OutageProbe _probe;
    private readonly WireCapture _wire;
    private readonly List<string> _events = [];
    private string _selected = "node1";
    private Task _running = Task.CompletedTask;
    private OutageEpisode _lastOutage;
    private bool _quit;

    private LiveView(ClusterLab lab, LoadGroup load, OutageProbe probe, WireCapture wire)
    {
        _lab = lab;
        _load = load;
        _probe = probe;
        _wire = wire;
    }

    /// <summary>Runs until q or a signal.</summary>
    public static async Task<int> RunAsync(LabOptions options, LoadOptions loadOptions, CancellationToken cancel)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            throw new LabException("the live picture needs a terminal; without one play the tour: make run TOUR=1");
        await using var lab = await ClusterLab.CreateAsync(options);
        await lab.StartDaemonsAsync();
        await WaitWholeAsync(lab, cancel);
        using var wire = new WireCapture(lab.Switch);
        await using var load = new LoadGroup(lab.Clients, loadOptions);
        await using var probe = new OutageProbe(lab.Clients[0], LabAddresses.Web4, _probeInterval);
        var view = new LiveView(lab, load, probe, wire);
        view.Say($"files and logs of the nodes are in {lab.Folder}");
        AnsiConsole.Clear();
        await AnsiConsole.Live(new Text("starting")).StartAsync(context => view.LoopAsync(context, cancel));
        await view._running;
        return 0;
    }

    // Requests before the first node serves would only count as errors. A cluster that does not come up is shown as it is.
    private static async Task WaitWholeAsync(ClusterLab lab, CancellationToken cancel)
    {
        Console.WriteLine("starting the cluster");
        try
        {
            await lab.WaitWholeAsync(_startLimit, cancel: cancel);
        }
        catch (LabException e)
        {
            Console.WriteLine(e.Message);
        }
    }

    private async Task LoopAsync(LiveDisplayContext context, CancellationToken cancel)
    {
        var before = _load.Snapshot();
        while (!_quit && !cancel.IsCancellationRequested)
        {
            var cluster = await LookAsync();
            var now = _load.Snapshot();
            context.UpdateTarget(LiveScreen.Draw(_lab, Compose(cluster, before, now)));
            context.Refresh();
            before = now;
            var next = MonotonicClock.NowNs + _drawInterval.Ticks * 100;
            while (!_quit && !cancel.IsCancellationRequested && MonotonicClock.NowNs < next)
            {
                while (Console.KeyAvailable)
                    Press(Console.ReadKey(intercept: true).KeyChar);
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    // A node that does not answer must not hold the picture up.
    private async Task<ClusterPicture> LookAsync()
    {
        var states = await Task.WhenAll(_lab.Nodes.Select(async node =>
        {
            using var limit = new CancellationTokenSource(_stateLimit);
            try
            {
                return (node.Name, State: await node.StateAsync(limit.Token));
            }
            catch (OperationCanceledException)
            {
                return (node.Name, State: null);
            }
        }));
        return new ClusterPicture(states.ToDictionary(entry => entry.Name, entry => entry.State));
    }

    private LivePicture Compose(ClusterPicture cluster, LoadSnapshot before, LoadSnapshot now)
    {
        var last = OutageAnalysis.Episodes(_probe.Outcomes).LastOrDefault();
        if (last.Unanswered > 0)
            _lastOutage = last;
        return new LivePicture(
            cluster,
            now.Since(before),
            Math.Max(0.001, (now.AtNs - before.AtNs) / 1e9),
            now,
            _lastOutage,
            _wire.Report().DoubleAnswers,
            _selected,
            LastEvents());
    }

    private void Press(char key)
    {
        if (key == 'q')
            _quit = true;
        else if (key >= '1' && key - '0' <= _lab.Nodes.Count)
            _selected = $"node{key - '0'}";
        else if (NodeFaults.All.FirstOrDefault(fault => fault.Key == key) is { Name: not null } chosen)
            Begin(chosen.Name);
    }

    private void Begin(string fault)
    {
        if (!_running.IsCompleted)
        {
            Say("still busy with the last order");
            return;
        }

        var node = _lab.Node(_selected);
        Say($"{node.Name}: {fault}");
        _running = Task.Run(async () =>
        {
            try
            {
                await NodeFaults.DoAsync(node, fault);
            }
            catch (Exception e) when (e is LabException or SafeKitException or OperationCanceledException)
            {
                Say($"{node.Name}: {fault} failed: {e.Message.Split('\n')[0]}");
            }
        });
    }

    private List<string> LastEvents()
    {
        lock (_events)
            return _events.TakeLast(LiveScreen.EventsShown).ToList();
    }

    private void Say(string what)
    {
        lock (_events)
            _events.Add($"{DateTime.Now:HH:mm:ss} {what}");
    }
}
