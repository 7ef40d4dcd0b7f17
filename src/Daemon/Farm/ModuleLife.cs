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
    private readonly ScriptRunner? _scripts;
    private readonly Dictionary<CheckerWhen, CancellationTokenSource> _checkers = [];
    private readonly CancellationTokenSource _end = new();
    private FarmSeat? _seat;
    private volatile string? _problem;

    public ModuleLife(ModuleContext context, UserConfiguration configuration, ModuleLog log, Action<ModuleEvent> post)
    {
        _context = context;
        _log = log;
        _post = post;
        Configuration = configuration;
        Machine = new FarmModuleMachine(FarmModuleSettings.From(configuration) with { Opening = TrafficOpening.WhenServing });
        if (configuration.User is { } user)
            _scripts = new ScriptRunner(
                new ScriptEnvironment(context.Paths, context.Name, AppContext.BaseDirectory, user.Variables), user);
    }

    public UserConfiguration Configuration { get; }

    public FarmModuleMachine Machine { get; }

    public ResourceTable Resources { get; } = new();

    public FarmSeat? Seat => Volatile.Read(ref _seat);

    /// <summary>Why the module could not take its place, or cannot take its share, with the remedy; null when all is well.</summary>
    public string? Problem => _problem ?? Seat?.Problem();

    public bool Healthy => Seat?.Healthy ?? true;

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
                StartCheckers(start.When);
                break;
            case ModuleAction.StopCheckers stop:
                StopCheckers(stop.When);
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
        foreach (var when in _checkers.Keys.ToList())
            StopCheckers(when);
        await LeaveSeatAsync();
    }

    private async Task RunScriptAsync(ModuleAction.RunScript script)
    {
        ScriptOutcome outcome;
        try
        {
            outcome = _scripts is null
                ? ScriptOutcome.Missing(script.Name)
                : await _scripts.RunAsync(script.Name, script.Arguments, script.Force, _end.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e)
        {
            // The machine waits for the end of every script, so an end must always come.
            outcome = ScriptOutcome.Missing(script.Name) with { Found = true, ExitCode = 127, Problem = e.Message };
        }

        if (outcome.Found)
        {
            _log.Script($"Script {script.Name} {string.Join(' ', script.Arguments)}{(script.Force ? " force" : "")} > "
                + $"{Path.GetFileName(outcome.LogFile) ?? "-"} (exit {outcome.ExitCode}, {outcome.Duration.TotalMilliseconds:0} ms)"
                + (outcome.Problem.Length > 0 ? $"; {outcome.Problem}" : ""));
        }

        _post(ModuleEvent.ScriptEnded.From(outcome));
    }

    private void StartCheckers(CheckerWhen when)
    {
        StopCheckers(when);
        var end = new CancellationTokenSource();
        _checkers[when] = end;
        foreach (var configuration in Configuration.Checkers.Tcp.Where(c => (c.When == CheckerWhen.Pre) == (when == CheckerWhen.Pre)))
            _ = new TcpChecker(configuration, resource => Observe(resource, end.Token)).RunAsync(end.Token);
    }

    private void Observe(Resource resource, CancellationToken stillWanted)
    {
        if (stillWanted.IsCancellationRequested)
            return;
        if (Resources.Set(resource))
            _log.Event("checker", $"Resource {resource.Name} set to {resource.Value} by tcp checker: {resource.Reason}");
        _post(new ModuleEvent.CheckerChanged(resource.Name, resource.Value, resource.Reason));
    }

    private void StopCheckers(CheckerWhen when)
    {
        if (!_checkers.Remove(when, out var end))
            return;
        end.Cancel();
        foreach (var configuration in Configuration.Checkers.Tcp.Where(c => (c.When == CheckerWhen.Pre) == (when == CheckerWhen.Pre)))
            Resources.Remove(configuration.Resource);
    }

    private void TakeSeat()
    {
        try
        {
            Volatile.Write(ref _seat, FarmSeat.Take(_context, Configuration, _log));
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
            await seat.LeaveAsync();
        }
        catch (Exception e)
        {
            // The lease is closed by then, so the node takes nothing; what is left in the kernel goes with the daemon.
            _log.Critical("farm", $"leaving was not clean: {e.Message}");
        }
    }
}
