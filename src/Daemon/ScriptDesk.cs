using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>Runs a module's scripts, and says in its log how each ended.</summary>
public sealed class ScriptDesk
{
    private readonly ModuleLog _log;
    private readonly ScriptRunner? _runner;

    public ScriptDesk(ModuleContext context, UserConfiguration configuration, ModuleLog log)
    {
        _log = log;
        if (configuration.User is { } user)
            _runner = new ScriptRunner(
                new ScriptEnvironment(context.Paths, context.Name, AppContext.BaseDirectory, user.Variables), user);
    }

    /// <summary>Always comes to an end, for a machine waits for the end of every script; null when the module itself ends first.</summary>
    public async Task<ScriptOutcome?> RunAsync(string name, IReadOnlyList<string> arguments, bool force, CancellationToken cancel)
    {
        ScriptOutcome outcome;
        try
        {
            outcome = _runner is null ? ScriptOutcome.Missing(name) : await _runner.RunAsync(name, arguments, force, cancel);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception e)
        {
            outcome = ScriptOutcome.Missing(name) with { Found = true, ExitCode = 127, Problem = e.Message };
        }

        if (outcome.Found)
        {
            _log.Script($"Script {name} {string.Join(' ', arguments)}{(force ? " force" : "")} > "
                + $"{Path.GetFileName(outcome.LogFile) ?? "-"} (exit {outcome.ExitCode}, {outcome.Duration.TotalMilliseconds:0} ms)"
                + (outcome.Problem.Length > 0 ? $"; {outcome.Problem}" : ""));
        }

        return outcome;
    }
}
