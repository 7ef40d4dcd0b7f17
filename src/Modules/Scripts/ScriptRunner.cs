using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Modules.Native;

namespace SafeKit.Modules;

/// <summary>
/// Runs a module's scripts (reference section 4.2). Each runs in a session of its own, so that at its time limit
/// everything it started can be ended with it, while a service that made itself a daemon stays. Its output goes
/// straight to a file: no pipe that a daemon could hold open, nothing lost when this process ends.
/// </summary>
public sealed class ScriptRunner(ScriptEnvironment environment, UserScriptsConfiguration user, TimeProvider? clock = null)
{
    private const string ShellLine = "output=$1; shift; exec \"$@\" >>\"$output\" 2>&1 </dev/null";
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(300);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>The limit of a script: the two of <c>&lt;user&gt;</c> for stop scripts, 300 s for all others.</summary>
    public TimeSpan LimitOf(string script, bool force)
    {
        if (!script.StartsWith("stop_", StringComparison.Ordinal))
            return _startLimit;
        return LongestTime.Clamp(TimeSpan.FromSeconds(force ? user.ForceStopTimeoutSeconds : user.NiceStopTimeoutSeconds));
    }

    /// <param name="arguments">Current state, next state, action; <c>force</c> is put before them on a forced stop.</param>
    /// <param name="cancel">Ends the script as its time limit would; the only way to an exception once it has started.</param>
    public async Task<ScriptOutcome> RunAsync(
        string script, IReadOnlyList<string> arguments, bool force = false, CancellationToken cancel = default)
    {
        if (script.Length == 0 || script.Contains('/') || script[0] == '.')
            throw new SafeKitException(
                $"\"{script}\" is not the name of a script: give the name of a file in the module's bin folder");
        var file = Path.Combine(environment.UserBin, script);
        if (!File.Exists(file))
            return ScriptOutcome.Missing(script);
        if (!LibC.IsExecutable(file))
            return new ScriptOutcome(script, true, 126, false, TimeSpan.Zero, null, $"{file} is not executable: chmod +x {file}");

        var start = _clock.GetTimestamp();
        string? log = null;
        try
        {
            Directory.CreateDirectory(environment.UserVar);
            log = user.Logging ? ScriptLog.NewFile(environment.UserVar, script, _clock.GetLocalNow()) : null;
            using var process = Process.Start(StartInfo(file, force ? ["force", .. arguments] : arguments, log))!;
            var timedOut = await WaitAsync(process, LimitOf(script, force), cancel).ConfigureAwait(false);
            var problem = timedOut ? $"{script} did not end within {LimitOf(script, force).TotalSeconds:0} s and was killed" : "";
            return new ScriptOutcome(script, true, process.ExitCode, timedOut, _clock.GetElapsedTime(start), log, problem);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // Whoever waits for the end of this script would wait for ever after an exception.
            return new ScriptOutcome(script, true, 127, false, _clock.GetElapsedTime(start), log, $"{script} cannot be run: {e.Message}");
        }
    }

    private ProcessStartInfo StartInfo(string file, IReadOnlyList<string> arguments, string? log)
    {
        // setsid does not fork here (a fresh child leads no process group), so its pid is the session's.
        var info = new ProcessStartInfo("setsid") { WorkingDirectory = environment.UserBin, UseShellExecute = false };
        foreach (var argument in (string[])["/bin/sh", "-c", ShellLine, "sh", log ?? "/dev/null", file, .. arguments])
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment.ToDictionary(Environment.GetEnvironmentVariable("PATH")))
            info.Environment[name] = value;
        return info;
    }

    /// <returns>True when the limit passed first.</returns>
    private async Task<bool> WaitAsync(Process process, TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            using var timer = new CancellationTokenSource(limit, _clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
            await process.WaitForExitAsync(both.Token).ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            return true;
        }
        catch
        {
            // Nobody would watch the script any more, and it must not run beside the one that follows.
            Kill(process);
            throw;
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            ProcessSession.Kill(process.Id);
        }
        finally
        {
            process.Kill(); // in case it was cancelled before it became a session
        }
    }
}
