using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// What one configuration of a module needs to run: its machine, scripts, checkers, and its place in the farm. Carries out
/// the machine's actions; what takes time runs beside and comes back as an event.
/// </summary>
public sealed class ModuleLife : IAsyncDisposable
{
    private readonly ModuleContext _context;
    private readonly ModuleLog _log;
    private readonly Action<ModuleEvent> _post;
    private readonly ScriptDesk _scripts;
    private readonly CheckerDesk _checkers;
    private readonly CancellationTokenSource _end = new();
    private FarmSeat? _seat;
    private volatile string? _problem;
    private volatile bool _mayResume;
    private volatile bool _isDrained;
    private volatile bool _handsOver;

    public ModuleLife(ModuleContext context, UserConfiguration configuration, ModuleLog log, Action<ModuleEvent> post)
    {
        _context = context;
        _log = log;
        _post = post;
        Configuration = configuration;
        Machine = new FarmModuleMachine(FarmModuleSettings.From(configuration) with { Opening = TrafficOpening.WhenServing });
        _scripts = new ScriptDesk(context, configuration, log);
        _checkers = new CheckerDesk(
            configuration.Checkers.Tcp, log, Resources, r => post(new ModuleEvent.CheckerChanged(r.Name, r.Value, r.Reason)));
    }

    public UserConfiguration Configuration { get; }

    public FarmModuleMachine Machine { get; }

    public ResourceTable Resources { get; } = new();

    public FarmSeat? Seat => Volatile.Read(ref _seat);

    /// <summary>Why the module could not take its place, or cannot take its share, with the remedy; null when all is well.</summary>
    public string? Problem => _problem ?? Seat?.Problem();

    public bool Healthy => Seat?.Healthy ?? true;

    /// <summary>The application ran on while the daemon was away: the next seat goes on where the former daemon's was.</summary>
    /// <param name="drained">Its share is not to be open, by an order or a script, even if the former daemon had not come to closing it.</param>
    /// <returns>Whether the share is open there.</returns>
    public bool Resume(bool drained)
    {
        _mayResume = true;
        _isDrained = drained;
        return FarmSeat.WouldResumeServing(_context, Configuration);
    }

    /// <summary>Disposing leaves everything as it is, for the next daemon.</summary>
    public void HandOver() => _handsOver = true;

    /// <summary>Carries out one action; only leaving the farm is waited for, so that the seat is free for the next start.</summary>
    public async Task DoAsync(ModuleAction action)
    {
        switch (action)
        {
            case ModuleAction.Log log:
                _log.Event("rule", $"rule={log.Rule} {log.Text}");
                break;
            case ModuleAction.RunScript script:
                _ = RunScriptAsync(script);
                break;
            case ModuleAction.StartCheckers start:
                // In a farm there is only before and between the scripts.
                _checkers.Start(start.When, c => (c.When == CheckerWhen.Pre) == (start.When == CheckerWhen.Pre));
                break;
            case ModuleAction.StopCheckers stop:
                _checkers.Stop(stop.When);
                break;
            case ModuleAction.StartMembership:
                TakeSeat();
                break;
            case ModuleAction.OpenTraffic:
                Seat?.Open();
                break;
            case ModuleAction.CloseTraffic close:
                _ = ReleaseAsync(close.Number);
                break;
            case ModuleAction.LeaveMembership:
                await LeaveSeatAsync();
                break;
            default:
                throw new InvariantException($"the machine asks for {action.GetType().Name}, which nothing here can do");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _checkers.Dispose();
        await LeaveSeatAsync();
    }

    private async Task RunScriptAsync(ModuleAction.RunScript script)
    {
        if (await _scripts.RunAsync(script.Name, script.Arguments, script.Force, _end.Token) is { } outcome)
            _post(ModuleEvent.ScriptEnded.From(outcome));
    }

    private void TakeSeat()
    {
        try
        {
            var seat = FarmSeat.Take(_context, Configuration, _log, _mayResume);
            if (_mayResume && _isDrained)
                seat.Close();
            Volatile.Write(ref _seat, seat);
            _mayResume = false;
            _problem = null;
        }
        catch (Exception e)
        {
            _problem = e.Message;
            _log.Critical("farm", e is SafeKitException ? e.Message : e.ToString());
            _post(new ModuleEvent.Stop("farm"));
        }
    }

    private async Task ReleaseAsync(long number)
    {
        try
        {
            if (Seat is { } seat)
                await seat.ReleaseAsync(_end.Token);
        }
        catch (Exception e)
        {
            _log.Critical("farm", $"the share could not be released: {e.Message}");
        }

        _post(new ModuleEvent.TrafficReleased(number));
    }

    private async Task LeaveSeatAsync()
    {
        if (Interlocked.Exchange(ref _seat, null) is not { } seat)
            return;
        try
        {
            if (_handsOver)
                await seat.HandOverAsync();
            else
                await seat.LeaveAsync();
        }
        catch (Exception e)
        {
            // The lease is closed by then, so the node takes nothing; what is left in the kernel goes with the daemon.
            _log.Critical("farm", $"leaving was not clean: {e.Message}");
        }
    }
}
