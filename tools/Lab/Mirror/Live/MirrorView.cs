using SafeKit.Core;
using SafeKit.Lab.Ledger;
using Spectre.Console;

namespace SafeKit.Lab.Mirror.Live;

/// <summary>The mirror in a terminal: a picture four times a second, and keys that break and repair nodes.</summary>
public sealed class MirrorView
{
    private const int BenchScale = 5;

    private static readonly TimeSpan _drawInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _stateLimit = TimeSpan.FromMilliseconds(200);

    private readonly MirrorLab _lab;
    private readonly CommitLedger _ledger;
    private readonly List<string> _events = [];
    private string _selected = "node1";
    private Task _running = Task.CompletedTask;
    private long _lastFaultNs;
    private long _confirmedBefore;
    private long _drawnNs = MonotonicClock.NowNs;
    private bool _quit;

    private MirrorView(MirrorLab lab, CommitLedger ledger)
    {
        _lab = lab;
        _ledger = ledger;
    }

    /// <summary>Runs until q or a signal.</summary>
    public static async Task<int> RunAsync(MirrorOptions options, CancellationToken cancel)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            throw new LabException("the live picture needs a terminal; without one play the tour: make run MIRROR=1 TOUR=1");
        await using var lab = await MirrorLab.CreateAsync(options);
        Console.WriteLine("starting both nodes: safekit prim on node1, safekit second on node2");
        await lab.StartAsync(cancel);
        Console.WriteLine($"filling the database: pgbench of scale {BenchScale}");
        await PgBenchLoad.MakeTablesAsync(lab.Client, BenchScale);
        using var ledger = CommitLedger.Start(lab.Client, Path.Combine(lab.Folder, "confirmed"));
        await using var bench = await PgBenchLoad.StartAsync(lab.Client, Path.Combine(lab.Folder, "pgbench.log"));
        var view = new MirrorView(lab, ledger);
        view.Say($"files and logs of the nodes are in {lab.Folder}");
        AnsiConsole.Clear();
        await AnsiConsole.Live(new Text("starting")).StartAsync(context => view.LoopAsync(context, cancel));
        await view._running;
        return 0;
    }

    private async Task LoopAsync(LiveDisplayContext context, CancellationToken cancel)
    {
        while (!_quit && !cancel.IsCancellationRequested)
        {
            context.UpdateTarget(MirrorScreen.Draw(_lab, Compose(await LookAsync())));
            context.Refresh();
            var next = MonotonicClock.NowNs + _drawInterval.Ticks * 100;
            while (!_quit && !cancel.IsCancellationRequested && MonotonicClock.NowNs < next)
            {
                while (Console.KeyAvailable)
                    await PressAsync(Console.ReadKey(intercept: true).KeyChar);
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    // A node that does not answer must not hold the picture up.
    private async Task<MirrorPicture> LookAsync()
    {
        var modules = await Task.WhenAll(_lab.Nodes.Select(async node =>
        {
            using var limit = new CancellationTokenSource(_stateLimit);
            try
            {
                var state = await node.StateAsync(limit.Token);
                return (node.Name, Module: state?.Modules.FirstOrDefault(module => module.Module == node.Module));
            }
            catch (OperationCanceledException)
            {
                return (node.Name, Module: null);
            }
        }));
        return new MirrorPicture(modules.ToDictionary(entry => entry.Name, entry => entry.Module));
    }

    private MirrorLivePicture Compose(MirrorPicture mirror)
    {
        var now = MonotonicClock.NowNs;
        var confirmed = _ledger.Confirmed;
        var rate = (confirmed - _confirmedBefore) / Math.Max(0.001, (now - _drawnNs) / 1e9);
        _confirmedBefore = confirmed;
        _drawnNs = now;
        var outage = _lastFaultNs == 0 ? "none yet" : $"{_ledger.OutageS(_lastFaultNs):0.000} s";
        lock (_events)
            return new MirrorLivePicture(mirror, rate, confirmed, outage, _selected, _events.TakeLast(MirrorScreen.EventsShown).ToList());
    }

    private async Task PressAsync(char key)
    {
        if (key == 'q')
            _quit = true;
        else if (key is '1' or '2')
            _selected = $"node{key}";
        else if (MirrorFaults.All.FirstOrDefault(fault => fault.Key == key) is { Name: not null } chosen)
            await BeginAsync(chosen.Name);
    }

    private async Task BeginAsync(string fault)
    {
        if (!_running.IsCompleted)
        {
            Say("still busy with the last order");
            return;
        }

        await _running;
        var node = _lab.Node(_selected);
        Say($"{node.Name}: {fault}");
        if (fault != "back")
            _lastFaultNs = MonotonicClock.NowNs;
        _running = Task.Run(async () =>
        {
            try
            {
                await MirrorFaults.DoAsync(node, fault);
            }
            catch (Exception e) when (e is LabException or SafeKitException or OperationCanceledException)
            {
                Say($"{node.Name}: {fault} failed: {e.Message.Split('\n')[0]}");
            }
        });
    }

    private void Say(string what)
    {
        lock (_events)
            _events.Add($"{DateTime.Now:HH:mm:ss} {what}");
    }
}
