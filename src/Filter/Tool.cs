using System.ComponentModel;
using System.Diagnostics;

namespace SafeKit.Filter;

/// <summary>Runs iproute2. A child inherits the network namespace of the calling thread.</summary>
internal static class Tool
{
    private const int WaitMs = 10_000;

    /// <summary>Error text of the program, or null when it succeeded.</summary>
    public static string? Try(out string output, string program, params string[] arguments) =>
        Try(WaitMs, out output, program, arguments);

    /// <summary>As above, within the given time: a program that hangs is killed with all that it started.</summary>
    public static string? Try(int waitMs, out string output, string program, params string[] arguments)
    {
        output = "";
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var watch = Stopwatch.StartNew();
            Task<string> outputs = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            // The pipes end when their last holder does, which may be a child of the program.
            bool hasEnded = Task.WaitAll([outputs, errors], waitMs) &&
                process.WaitForExit((int)Math.Max(0, waitMs - watch.ElapsedMilliseconds));
            if (!hasEnded)
                return $"{program} {string.Join(' ', arguments)}: did not end within {waitMs} ms; {Kill(process)}";
            output = outputs.Result;
            return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)}: {errors.Result.Trim()}";
        }
        catch (Win32Exception exception)
        {
            return $"{program}: {exception.Message}; install the package iproute2";
        }
    }

    /// <summary>What became of it, in words.</summary>
    private static string Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            return "it was killed";
        }
        catch (Exception exception) when (exception is Win32Exception or AggregateException or InvalidOperationException)
        {
            return $"it could not be killed: {exception.Message}";
        }
    }
}
