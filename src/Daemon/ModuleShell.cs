using System.Threading.Channels;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>
/// What every kind of module has in common. Events come in from everywhere, one loop hands them to the kind's pure machine one after
/// the other and has its actions carried out in order; status reads the newest state without waiting.
/// </summary>
public abstract class ModuleShell<TEvent> : INodeModule
    where TEvent : class
{
    private static readonly TimeSpan _shutDownLimit = TimeSpan.FromSeconds(320);
    private readonly ModuleConfigurator _configurator;
    private readonly Channel<TEvent> _events = Channel.CreateUnbounded<TEvent>();
    private readonly RunMarker _marker;
    private readonly RunMemory? _before;
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;
    private Task _preparing = Task.CompletedTask;
    private volatile string? _problem;
    private volatile bool _wanted;
    private volatile bool _remembers;
    private volatile bool _starting;
    private volatile bool _closing;

    protected ModuleShell(ModuleContext context, ModuleConfigurator configurator, ILogger logger)
    {
        Context = context;
        _configurator = configurator;
        _marker = new RunMarker(context.Paths.ModuleVar(context.Name));
        _before = _marker.Read();
        Log = new ModuleLog(context.Name, context.Paths.ModuleVar(context.Name), logger);
    }

    public string Name => Context.Name;

    public ModuleLog Log { get; }

    public bool Stopped => _loop.IsCompleted || (IsAtRest && !_starting && _events.Reader.Count == 0);

    public bool Adopted { get; private set; }

    public abstract bool Healthy { get; }

    protected ModuleContext Context { get; }

    /// <summary>What keeps the module from running; null when nothing does.</summary>
    protected string? Problem => _problem;

    /// <summary>The machine is in STOP and has nothing under way.</summary>
    protected abstract bool IsAtRest { get; }

    /// <summary>When the machine wants a tick.</summary>
    protected abstract long? DeadlineNs { get; }

    protected abstract bool HasLife { get; }

    public abstract bool Serves(ServiceMode mode);

    public async Task ReloadAsync()
    {
        await CloseLifeAsync();
        if (!_configurator.IsApplied(Name))
        {
            _problem = $"not configured yet: safekit config -m {Name}";
            return;
        }

        try
        {
            OpenLife(_configurator.ReadActive(Name));
            _problem = null;
        }
        catch (SafeKitException e)
        {
            _problem = e.Message;
            Log.Critical("config", e.Message);
        }
    }

    public async Task BootAsync()
    {
        if (!_configurator.IsApplied(Name))
        {
            try
            {
                _configurator.Apply(Name, Context.Cluster.Configuration);
                Log.Event("config", "configured for the first time");
                await ReloadAsync();
            }
            catch (Exception e) when (e is SafeKitException or IOException or UnauthorizedAccessException)
            {
                _problem = e.Message;
                Log.Critical("config", e.Message);
            }
        }

        if (Configuration is { } configuration)
            Boot(configuration);
    }

    public async Task<ActionResult> CommandAsync(ModuleOrder order)
    {
        if (order.IsOfTraffic)
        {
            // From the module's own scripts while they run, also at the daemon's end: waits for nothing and changes nothing that is wanted.
            Post(EventOf(order));
            return new ActionResult(true, $"{order.Words} of the traffic of {Name} begun; safekit state shows how far it is");
        }

        // What could not be opened at the start, a port perhaps, may be free now.
        if (!HasLife && !_loop.IsCompleted)
            await ReloadAsync();
        if (!HasLife || _loop.IsCompleted)
            throw new SafeKitException($"{Name}: {_problem}");
        if (_closing)
            throw new SafeKitException($"{Name}: the daemon is stopping");
        _starting = false;
        // An order displaces the start at boot, but not the scripts that this one has begun.
        await _preparing;
        if (order.Action == "start" && !Stopped && !DecidesStartWhileRunning)
            return new ActionResult(true, $"{Name} is already {State().State} {State().Status}");
        var occurrence = EventOf(order);
        Log.Event("command", $"Action {order.Words} called by {order.Identity ?? "administrator"}");
        var wanted = _wanted;
        _wanted = order.Action is not "stop" && (order.Action is not ("stopstart" or "swap" or "drain" or "undrain") || wanted);
        _remembers = true;
        var outcome = await CarryOutAsync(order, occurrence);
        if (!outcome.Ok)
            _wanted = wanted;
        return outcome;
    }

    public abstract Task<ActionResult> VerifyAsync(CancellationToken cancel);

    public abstract string OwnerOf(string group, int bucket);

    public abstract Core.Control.ModuleState State();

    public async Task ShutDownAsync()
    {
        _closing = true;
        _starting = false;
        if (HasLife && !Stopped)
        {
            Log.Event("command", "Action stop called by shutdown");
            Post(StopEvent(null));
            using var limit = new CancellationTokenSource(_shutDownLimit + (Configuration?.Farm?.DrainTimeout ?? TimeSpan.Zero));
            while (!Stopped && !limit.IsCancellationRequested)
                await Task.Delay(20);
        }

        await SayGoodbyeAsync();
    }

    /// <summary>What does not outlive the daemon is stopped in good order.</summary>
    public virtual Task HandOverAsync() => ShutDownAsync();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        await CloseLifeAsync();
        Log.Dispose();
        _end.Dispose();
    }

    /// <summary>The configuration that runs; null without one.</summary>
    protected abstract UserConfiguration? Configuration { get; }

    protected abstract TEvent TickEvent { get; }

    protected abstract TEvent StartEvent(string? identity);

    protected abstract TEvent StopEvent(string? identity);

    /// <exception cref="SafeKitException">This kind of module cannot do that, or not now.</exception>
    protected abstract TEvent EventOf(ModuleOrder order);

    /// <summary>The machine knows what a start means while the module runs or stops.</summary>
    protected virtual bool DecidesStartWhileRunning => false;

    /// <summary>
    /// Whether an application that a former daemon left running can be taken over as it is; otherwise it is stopped and started anew.
    /// </summary>
    protected abstract bool CanAdopt { get; }

    /// <summary>The daemon was restarted while the application was up.</summary>
    protected abstract void Adopt(UserConfiguration configuration, RunMemory? before);

    /// <summary>Stops what a former daemon may have left running, before a start that nobody asked for.</summary>
    protected virtual Task StopLeftoversAsync() => Task.CompletedTask;

    /// <exception cref="SafeKitException">The configuration cannot be lived by.</exception>
    protected abstract void OpenLife(UserConfiguration configuration);

    protected abstract Task CloseLifeAsync();

    protected abstract Task StepAsync(TEvent occurrence);

    /// <summary>Before the daemon ends: what the others should know.</summary>
    protected virtual Task SayGoodbyeAsync() => Task.CompletedTask;

    protected virtual Task<ActionResult> CarryOutAsync(ModuleOrder order, TEvent occurrence)
    {
        Post(occurrence);
        return Task.FromResult(new ActionResult(true, $"{order.Words} of {Name} begun; safekit state shows how far it is"));
    }

    /// <summary>Begins to live; the last thing that a constructor does.</summary>
    protected void Begin()
    {
        ReloadAsync().GetAwaiter().GetResult();
        _loop = Task.Run(LoopAsync);
    }

    protected void Post(TEvent occurrence) => _events.Writer.TryWrite(occurrence);

    /// <summary>
    /// Remembers for the next daemon what is wanted and what runs; not before this one has acted on what it remembers itself. A disk that
    /// refuses must not stop the module.
    /// </summary>
    protected void Remember(bool up, bool drained = false, bool opened = false)
    {
        if (!_remembers)
            return;
        try
        {
            _marker.Write(_wanted, up, drained, opened);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Critical("state", $"what runs cannot be remembered for the next start of the daemon: {e.Message}");
        }
    }

    private void Boot(UserConfiguration configuration)
    {
        var (action, rule) = BootDecision.Decide(configuration.Service.Boot, _before);
        Log.Event("boot", $"rule=boot {action.ToString().ToLowerInvariant()}: {rule}");
        switch (action)
        {
            case BootAction.Start:
                _ = StartAfterAsync(configuration.Service.BootDelay, "at boot time");
                break;
            case BootAction.Adopt when CanAdopt:
                _wanted = true;
                _remembers = true;
                Adopted = true;
                Adopt(configuration, _before);
                break;
            case BootAction.Adopt:
                _ = StartAfterAsync(TimeSpan.Zero, "automatically");
                break;
            default:
                _remembers = true;
                break;
        }
    }

    private async Task StartAfterAsync(TimeSpan delay, string when)
    {
        _starting = true;
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay);
        if (_before is { SameLife: true } && _starting)
            await (_preparing = StopLeftoversAsync());
        // An order that came meanwhile is newer than the boot.
        if (!_starting || _closing)
            return;
        Log.Event("boot", $"Action start called {when}");
        _wanted = true;
        _remembers = true;
        Post(StartEvent(null));
        _starting = false;
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

    /// <summary>A fault of ours in this module takes it out of service, and leaves the other modules alone.</summary>
    private async Task GiveUpAsync(Exception fault)
    {
        _problem = $"internal error, please report it with the log; the module is out of service, restart safekitd: {fault.Message}";
        Log.Critical("module", fault.ToString());
        await CloseLifeAsync();
    }

    /// <summary>The next event, or a tick when the machine's deadline passes first.</summary>
    private async Task<TEvent> NextAsync()
    {
        if (DeadlineNs is not { } deadlineNs)
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
            return TickEvent;
        }
    }
}
