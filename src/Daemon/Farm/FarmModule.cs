using System.Threading.Channels;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// One farm or light module on this node. Events come in from everywhere, one loop hands them to the pure machine one after
/// the other and has its actions carried out in order; status reads the newest state without waiting.
/// </summary>
public sealed class FarmModule : IAsyncDisposable
{
    private static readonly TimeSpan _shutDownLimit = TimeSpan.FromSeconds(320);
    private readonly ModuleContext _context;
    private readonly ModuleConfigurator _configurator;
    private readonly Channel<ModuleEvent> _events = Channel.CreateUnbounded<ModuleEvent>();
    private readonly RunMarker _marker;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;
    private volatile FarmModuleState _state = new();
    private volatile ModuleLife? _life;
    private volatile string? _problem;
    private volatile bool _wanted;
    private volatile bool _starting;
    private volatile bool _closing;

    public FarmModule(ModuleContext context, ModuleConfigurator configurator, ILogger logger)
    {
        _context = context;
        _configurator = configurator;
        _marker = new RunMarker(context.Paths.ModuleVar(context.Name));
        Log = new ModuleLog(context.Name, context.Paths.ModuleVar(context.Name), logger);
        Reload();
        _loop = Task.Run(LoopAsync);
    }

    public string Name => _context.Name;

    public ModuleLog Log { get; }

    /// <summary>Nothing runs, and nothing that was asked for is about to.</summary>
    public bool Stopped =>
        _loop.IsCompleted
        || (_state.State == Modules.ModuleState.Stop && !_state.IsBusy && !_starting && _events.Reader.Count == 0);

    public bool Healthy => _life?.Healthy ?? true;

    /// <summary>Reads the active configuration again; only while the module is stopped.</summary>
    public void Reload()
    {
        _life = null;
        if (!_configurator.IsApplied(Name))
        {
            _problem = $"not configured yet: safekit config -m {Name}";
            return;
        }

        try
        {
            _life = new ModuleLife(_context, _configurator.ReadActive(Name), Log, Post);
            _problem = null;
        }
        catch (SafeKitException e)
        {
            _problem = e.Message;
            Log.Critical("config", e.Message);
        }
    }

    /// <summary>Starts the module if its configuration says so; configures it first if that was never done.</summary>
    public void Boot()
    {
        if (!_configurator.IsApplied(Name))
        {
            try
            {
                _configurator.Apply(Name, _context.Cluster.Configuration);
                Log.Event("config", "configured for the first time");
                Reload();
            }
            catch (Exception e) when (e is SafeKitException or IOException or UnauthorizedAccessException)
            {
                _problem = e.Message;
                Log.Critical("config", e.Message);
            }
        }

        if (_life is { } life)
            Boot(life.Configuration);
    }

    /// <exception cref="SafeKitException">The module cannot do that now.</exception>
    public ActionResult Command(string action, string? identity)
    {
        if (_life is null || _loop.IsCompleted)
            throw new SafeKitException($"{Name}: {_problem}");
        if (_closing)
            throw new SafeKitException($"{Name}: the daemon is stopping");
        _starting = false;
        if (action == "start" && !Stopped)
            return new ActionResult(true, $"{Name} is already {State().State} {State().Status}");
        if (action is "restart" && _state.State != Modules.ModuleState.Up)
            throw new SafeKitException($"{Name} is {State().State}: only a running module can be restarted; safekit start -m {Name}");
        Log.Event("command", $"Action {action} called by {identity ?? "administrator"}");
        _wanted = action is "start" or "restart" || (action == "stopstart" && _wanted);
        Post(action switch
        {
            "start" => new ModuleEvent.Start(identity),
            "stop" => new ModuleEvent.Stop(identity),
            "restart" => new ModuleEvent.Restart(identity),
            "stopstart" => new ModuleEvent.StopStart(identity),
            _ => throw new SafeKitException($"there is no action '{action}'"),
        });
        return new ActionResult(true, $"{action} of {Name} begun; safekit state shows how far it is");
    }

    /// <summary>Name of the node that owns a bucket of this module; empty when nobody does.</summary>
    public string OwnerOf(string group, int bucket) => _life?.Seat?.OwnerOf(group, bucket) ?? "";

    public Core.Control.ModuleState State() => ModuleStateText.Of(_context, _state, _life, _problem);

    /// <summary>Stops the module as an administrator would and waits until it is stopped.</summary>
    public async Task ShutDownAsync()
    {
        _closing = true;
        _starting = false;
        if (_life is null || Stopped)
            return;
        Log.Event("command", "Action stop called by shutdown");
        Post(new ModuleEvent.Stop());
        using var limit = new CancellationTokenSource(_shutDownLimit);
        while (!Stopped && !limit.IsCancellationRequested)
            await Task.Delay(20);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        if (_life is { } life)
            await life.DisposeAsync();
        Log.Dispose();
        _end.Dispose();
    }

    private void Post(ModuleEvent occurrence) => _events.Writer.TryWrite(occurrence);

    private void Boot(UserConfiguration configuration)
    {
        var (action, rule) = BootDecision.Decide(configuration.Service.Boot, _marker.Read());
        Log.Event("boot", $"rule=boot {action.ToString().ToLowerInvariant()}: {rule}");
        switch (action)
        {
            case BootAction.Start:
                _ = StartAfterAsync(configuration.Service.BootDelay);
                break;
            case BootAction.Adopt:
                _wanted = true;
                // With a checker the share waits until the application has been seen to answer.
                Post(new ModuleEvent.Adopted(configuration.Checkers.Tcp.Count == 0));
                break;
        }
    }

    private async Task StartAfterAsync(TimeSpan delay)
    {
        _starting = true;
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay);
        // An order that came meanwhile is newer than the boot.
        if (!_starting || _closing)
            return;
        Log.Event("boot", "Action start called at boot time");
        _wanted = true;
        Post(new ModuleEvent.Start());
        _starting = false;
    }

    /// <summary>Remembers for the next daemon what is wanted and what runs. A disk that refuses must not stop the module.</summary>
    private void Remember(FarmModuleState state)
    {
        try
        {
            _marker.Write(_wanted, state is { State: Modules.ModuleState.Up, Status: ModuleStatus.Ready });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Critical("state", $"what runs cannot be remembered for the next start of the daemon: {e.Message}");
        }
    }

    private async Task LoopAsync()
    {
        try
        {
            while (!_end.IsCancellationRequested)
                await StepAsync(await NextAsync());
        }
        catch (OperationCanceledException)
        {
            // The module is being disposed.
        }
        catch (Exception e)
        {
            await GiveUpAsync(e);
        }
    }

    /// <summary>A fault of ours in this module takes it out of its farm, and leaves the other modules alone.</summary>
    private async Task GiveUpAsync(Exception fault)
    {
        _problem = $"internal error, please report it with the log; the module left its farm, restart safekitd: {fault.Message}";
        Log.Critical("module", fault.ToString());
        if (_life is { } life)
            await life.DisposeAsync();
    }

    /// <summary>The next event, or a tick when the machine's deadline passes first.</summary>
    private async Task<ModuleEvent> NextAsync()
    {
        if (_state.DeadlineNs is not { } deadlineNs)
            return await _events.Reader.ReadAsync(_end.Token);
        var wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(MonotonicClock.ToMs(deadlineNs - MonotonicClock.NowNs))));
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        timer.CancelAfter(wait);
        try
        {
            return await _events.Reader.ReadAsync(timer.Token);
        }
        catch (OperationCanceledException) when (!_end.IsCancellationRequested)
        {
            return new ModuleEvent.Tick();
        }
    }

    private async Task StepAsync(ModuleEvent occurrence)
    {
        if (_life is not { } life)
            return;
        var decision = life.Machine.Step(_state, occurrence, MonotonicClock.NowNs);
        var before = _state;
        _state = decision.State;
        if (before.State != decision.State.State || before.Status != decision.State.Status)
            Log.Event("state", $"Local state {ModuleStateText.Words(decision.State)}");
        Remember(decision.State);
        foreach (var action in decision.Actions)
            await life.DoAsync(action);
    }
}
