using System.Diagnostics;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Isolation;

/// <summary>Runs short commands with a bound on their time; long-running ones belong to a <see cref="NamespaceHolder"/>.</summary>
public static class Command
{
    private static readonly TimeSpan _defaultTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Runs a command to its end; its exit code is the caller's to judge.</summary>
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? timeout = null)
    {
        using var process = Start(arguments, environment);
        using var limit = new CancellationTokenSource(timeout ?? _defaultTimeout);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new CommandResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            Signals.Kill(process.Id);
            throw new LabException($"'{string.Join(' ', arguments)}' did not end within {timeout ?? _defaultTimeout}");
        }
        catch (IOException e) when (process.HasExited)
        {
            throw new LabException($"'{string.Join(' ', arguments)}' ended before it read its input: {await errors}", e);
        }
    }

    /// <summary>Runs a command that must succeed.</summary>
    public static async Task<string> MustRunAsync(
        IReadOnlyList<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? timeout = null)
    {
        var result = await RunAsync(arguments, input, environment, timeout);
        if (!result.Ok)
            throw new LabException($"'{string.Join(' ', arguments)}' failed with exit code {result.ExitCode}: {result.Text}");
        return result.Output;
    }

    private static Process Start(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(arguments[0], arguments.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        try
        {
            return Process.Start(start) ?? throw new LabException($"{arguments[0]} did not start");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LabException($"cannot run {arguments[0]} ({e.Message}); install the packages with: make setup", e);
        }
    }
}
