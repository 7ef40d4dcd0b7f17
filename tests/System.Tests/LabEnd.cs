using System.Diagnostics;
using System.Runtime.InteropServices;
using SafeKit.Lab;
using SafeKit.Lab.Isolation;

namespace SafeKit.SystemTests;

/// <summary>A lab in a process of its own is ended by a signal; nothing of it may survive.</summary>
internal static class LabEnd
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(90);

    /// <param name="arguments">A command of safekit-lab that prints its machines, its folder, and "ready".</param>
    public static async Task LeaveNothingAsync(string[] arguments, int machines, string signal, int expectedExit, Func<string, bool> isReady)
    {
        using var lab = Process.Start(new ProcessStartInfo(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"), [typeof(ClusterLab).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        var (inits, folder) = await ReadMachinesAsync(lab);
        Assert.Equal(machines, inits.Count);
        Assert.True(Directory.Exists(folder));
        await UntilAsync(() => isReady(folder));
        await Command.MustRunAsync(["kill", $"-{signal}", lab.Id.ToString()]);
        using var limit = new CancellationTokenSource(_limit);
        await lab.WaitForExitAsync(limit.Token);

        Assert.Equal(expectedExit, lab.ExitCode);
        await UntilAsync(() => !Directory.Exists(folder) && !inits.Any(IsAlive));
        Assert.DoesNotContain(inits, IsAlive);
        Assert.False(Directory.Exists(folder), $"{folder} is still there");
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains(folder, StringComparison.Ordinal));
    }

    private static async Task<(List<int> Inits, string Folder)> ReadMachinesAsync(Process lab)
    {
        using var limit = new CancellationTokenSource(_startLimit);
        var inits = new List<int>();
        var folder = "";
        while (await lab.StandardOutput.ReadLineAsync(limit.Token) is { } line && !line.StartsWith("ready", StringComparison.Ordinal))
        {
            var words = line.Split(' ');
            if (Array.IndexOf(words, "-t") is >= 0 and var option)
                inits.Add(int.Parse(words[option + 1]));
            if (line.StartsWith("folder", StringComparison.Ordinal))
                folder = words[^1];
        }

        return (inits, folder);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow + _limit;
        while (!condition() && DateTime.UtcNow < deadline)
            await Task.Delay(50);
    }

    private static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}");
}
