using System.Diagnostics;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>Short commands with a bound on their time.</summary>
internal static class Tool
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    public static void Run(string line) => Assert.True(TryRun(line, out var error), $"{line}: {error}");

    /// <summary>What a command that succeeds says.</summary>
    public static string Read(string line)
    {
        var words = line.Split(' ');
        using var process = Process.Start(new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(_limit), line);
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    public static bool TryRun(string line, out string error)
    {
        var words = line.Split(' ');
        using var process = Process.Start(new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardError = true })!;
        error = process.StandardError.ReadToEnd();
        if (!process.WaitForExit(_limit))
            process.Kill();
        return process.ExitCode == 0;
    }
}
