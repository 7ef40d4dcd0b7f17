using System.Diagnostics;
using System.Globalization;

namespace SafeKit.Filter.Tests.Network;

/// <summary>Programs that the filter starts: what they say, and that none of them can hold it up.</summary>
public sealed class ToolTests
{
    [Fact]
    public void OutputAndErrorsAreToldApart()
    {
        Assert.Null(Tool.Try(out string output, "sh", "-c", "echo text; echo other >&2"));
        Assert.Equal("text\n", output);
        Assert.EndsWith(": other", Tool.Try(out _, "sh", "-c", "echo other >&2; exit 3"));
        Assert.Contains("install the package iproute2", Tool.Try(out _, "no-such-program"));
    }

    [Fact]
    public void AHangingProgramIsKilledWithItsChildren()
    {
        string file = Path.GetTempFileName();
        var watch = Stopwatch.StartNew();
        string? error = Tool.Try(500, out _, "sh", "-c", "sleep 300 & echo $! > \"$0\"; wait", file);
        Assert.Contains("did not end within 500 ms; it was killed", error);
        Assert.InRange(watch.ElapsedMilliseconds, 400, 60_000);
        int child = int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        Assert.True(SpinWait.SpinUntil(() => !IsAlive(child), 10_000), "the program's child still runs");
        File.Delete(file);
    }

    /// <summary>A zombie, which its parent has not fetched yet, has no command line.</summary>
    private static bool IsAlive(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline") != "";
        }
        catch (IOException)
        {
            return false;
        }
    }
}
