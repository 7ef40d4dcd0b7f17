using System.Diagnostics;

namespace SafeKit.Filter.Tests.Support;

/// <summary>Debian 12's kernel in an emulated machine: <c>tools/old-kernel.sh</c>.</summary>
internal static class OldKernel
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(6);

    /// <param name="argument"><c>check</c>, or nothing to load the filter.</param>
    /// <returns>How it ended, and what it printed.</returns>
    public static (int ExitCode, string Output) Run(params string[] argument)
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Root(), "tools", "old-kernel.sh"), argument) { RedirectStandardOutput = true })!;
        using var limit = new Timer(_ => script.Kill(entireProcessTree: true), null, _limit, Timeout.InfiniteTimeSpan);
        var output = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        return (script.ExitCode, output);
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SafeKit.Net.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("these tests run inside the checkout");
    }
}
