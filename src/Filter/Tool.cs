using System.Diagnostics;

namespace SafeKit.Filter;

/// <summary>Runs iproute2. A child inherits the network namespace of the calling thread.</summary>
internal static class Tool
{
    private const int WaitMs = 10_000;

    /// <summary>Error text of the program, or null when it succeeded.</summary>
    public static string? Try(out string output, string program, params string[] arguments)
    {
        output = "";
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            output = process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(WaitMs))
                return $"{program} did not end within {WaitMs} ms";
            return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)}: {errors.Result.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return $"{program}: {exception.Message}; install the package iproute2";
        }
    }
}
