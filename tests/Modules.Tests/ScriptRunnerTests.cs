using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>Real shell scripts in a temporary node.</summary>
public sealed class ScriptRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptEnvironment _environment;

    public ScriptRunnerTests() => _environment = new ScriptEnvironment(
        new NodePaths(_folder.Path), "web", "/opt/safekit-test/bin", new Dictionary<string, string> { ["SERVICES"] = "a b", ["SAFE"] = "hidden" });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ArgumentsEnvironmentAndOutputAreThoseOfTheReference()
    {
        Script("start_both", "echo \"args=$*\"; echo \"services=$SERVICES\" >&2; env | grep -E '^(SAFE|PATH)'; exit 3");
        var outcome = await Runner().RunAsync("start_both", ["WAIT", "UP", "start"]);
        Assert.Equal((true, 3, false), (outcome.Found, outcome.ExitCode, outcome.TimedOut));
        Assert.Matches(@"/modules/web/userlog_\d{4}-\d\d-\d\dT\d{6}_start_both\.ulog$", outcome.LogFile!);
        var lines = await File.ReadAllLinesAsync(outcome.LogFile!);
        Assert.Equal(["args=WAIT UP start", "services=a b"], lines[..2]);
        var root = _folder.Path;
        Assert.Contains("SAFE=/opt/safekit-test/bin", lines);
        Assert.Contains("SAFEBIN=/opt/safekit-test/bin", lines);
        Assert.Contains("SAFEMODULE=web", lines);
        Assert.Contains($"SAFEUSERBIN={root}/var/lib/safekit/active/web/bin", lines);
        Assert.Contains($"SAFEUSERCONF={root}/var/lib/safekit/active/web/conf", lines);
        Assert.Contains($"SAFEVAR={root}/var/lib/safekit", lines);
        Assert.Contains($"SAFEUSERVAR={root}/var/lib/safekit/modules/web", lines);
        Assert.Contains($"SAFEKIT_ROOT={root}", lines);
        Assert.Contains(lines, line => line.StartsWith("PATH=/opt/safekit-test/bin:/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheForcedPassHasForceFirstAndAFileOfItsOwn()
    {
        Script("stop_both", "echo \"$*\"");
        var nice = await Runner().RunAsync("stop_both", ["UP", "WAIT", "stop"]);
        var force = await Runner().RunAsync("stop_both", ["WAIT", "STOP", "stop"], force: true);
        Assert.Equal("UP WAIT stop\n", await File.ReadAllTextAsync(nice.LogFile!));
        Assert.Equal("force WAIT STOP stop\n", await File.ReadAllTextAsync(force.LogFile!));
    }

    [Fact]
    public async Task AScriptThatHangsIsKilledWithEverythingItStarted()
    {
        Script("stop_both", "sleep 1000 & echo $!; sh -c 'sleep 1001 & echo $!; wait' & wait");
        var outcome = await Runner(niceSeconds: 1).RunAsync("stop_both", ["UP", "WAIT", "stop"]);
        Assert.True(outcome.TimedOut);
        Assert.False(outcome.Succeeded);
        Assert.Contains("did not end within 1 s", outcome.Problem);
        var pids = (await File.ReadAllLinesAsync(outcome.LogFile!)).Select(int.Parse).ToArray();
        Assert.Equal(2, pids.Length);
        Assert.All(pids, pid => Assert.False(IsRunning(pid)));
    }

    [Fact]
    public async Task AServiceThatLeftTheSessionStaysAndHoldsNothingUp()
    {
        Script("start_both", "setsid sleep 300 & echo $!");
        var outcome = await Runner().RunAsync("start_both", ["WAIT", "UP", "start"]);
        Assert.True(outcome.Succeeded);
        var pid = int.Parse((await File.ReadAllTextAsync(outcome.LogFile!)).Trim());
        Assert.True(IsRunning(pid));
        System.Diagnostics.Process.GetProcessById(pid).Kill();
    }

    [Fact]
    public async Task CancellingEndsTheScript()
    {
        var pipe = Path.Combine(_folder.Path, "started");
        Script("start_both", $"echo > {pipe}; sleep 1000");
        using var cancel = new CancellationTokenSource();
        using var watcher = new FileSystemWatcher(_folder.Path, "started") { EnableRaisingEvents = true };
        watcher.Created += (_, _) => cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Runner().RunAsync("start_both", [], cancel: cancel.Token));
    }

    [Fact]
    public async Task WhatCannotRunIsSaid()
    {
        Assert.False((await Runner().RunAsync("poststop", [])).Found);
        var file = Script("prestart", "");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        var outcome = await Runner().RunAsync("prestart", []);
        Assert.Equal(126, outcome.ExitCode);
        Assert.Contains("chmod +x", outcome.Problem);
        await Assert.ThrowsAsync<SafeKitException>(() => Runner().RunAsync("../evil", []));
    }

    [Theory]
    [InlineData(4_294_968)]
    [InlineData(int.MaxValue)]
    public async Task ALimitBeyondWhatTimersHoldIsAsGoodAsNone(int niceSeconds)
    {
        Script("stop_both", "exit 4");
        var outcome = await Runner(niceSeconds).RunAsync("stop_both", []);
        Assert.Equal((true, 4, false, ""), (outcome.Found, outcome.ExitCode, outcome.TimedOut, outcome.Problem));
        Assert.Equal(TimeSpan.FromDays(20), Runner(niceSeconds).LimitOf("stop_both", false));
    }

    [Fact]
    public async Task AnUnexpectedExceptionAfterTheStartIsAnOutcomeAndLeavesNothingBehind()
    {
        Script("start_both", "sleep 1000 & echo $!; wait");
        var outcome = await new ScriptRunner(_environment, User(), new ClockWithoutTimers()).RunAsync("start_both", []);
        Assert.True(outcome.Found);
        Assert.False(outcome.Succeeded);
        Assert.Contains(ClockWithoutTimers.Reason, outcome.Problem);
        var pids = (await File.ReadAllLinesAsync(outcome.LogFile!)).Select(int.Parse);
        Assert.All(pids, pid => Assert.False(IsRunning(pid)));
    }

    [Fact]
    public async Task WithoutLoggingThereIsNoFile()
    {
        Script("start_both", "echo hello");
        var outcome = await Runner(logging: false).RunAsync("start_both", []);
        Assert.Equal((0, (string?)null), (outcome.ExitCode, outcome.LogFile));
        Assert.Empty(Directory.GetFiles(_environment.UserVar));
    }

    private ScriptRunner Runner(int niceSeconds = 300, bool logging = true) =>
        new(_environment, User(niceSeconds, logging));

    private static UserScriptsConfiguration User(int niceSeconds = 300, bool logging = true) =>
        new(niceSeconds, 300, logging, 2048, new Dictionary<string, string>());

    private string Script(string name, string body)
    {
        var file = _folder.Write(Path.GetRelativePath(_folder.Path, Path.Combine(_environment.UserBin, name)), $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>A killed orphan may stay a zombie where nobody reaps it: it runs no more.</summary>
    private static bool IsRunning(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
