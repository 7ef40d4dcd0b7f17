using System.Globalization;
using SafeKit.Lab;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;
using SafeKit.Lab.Story;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>F4: the clock of the day jumps for one daemon, a day forth and back; nothing changes. The machine's own clock is left alone.</summary>
[Collection(FarmCollection.Name)]
public sealed class ClockTests
{
    private static readonly TimeSpan _wholeLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _watched = TimeSpan.FromSeconds(2);

    [RootFact]
    public async Task The_clock_of_the_day_jumps_and_nothing_changes()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions());
        var clock = Path.Combine(lab.Folder, "clock");
        await File.WriteAllTextAsync(clock, "+0");
        lab.Nodes[0].DaemonEnvironment = Jumping(clock);
        using var wire = new WireCapture(lab.Switch);
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(_wholeLimit);
        var standing = await FarmStanding.OfAsync(lab);

        await using (var load = new LoadGroup(lab.Clients, new LoadOptions()))
        await using (await EchoLoad.StartAsync(lab.Clients))
        {
            foreach (var days in new[] { 1, -1, 0 })
            {
                await File.WriteAllTextAsync(clock, string.Create(CultureInfo.InvariantCulture, $"{days:+0;-0}d"));
                await Task.Delay(_watched);
            }
        }

        await lab.WaitWholeAsync(_wholeLimit);
        Assert.Equal(standing, await FarmStanding.OfAsync(lab));
        Assert.All(lab.Nodes, node => Assert.DoesNotContain("rule=crash-detected", File.ReadAllText(node.DaemonLog), StringComparison.Ordinal));
        Assert.True(wire.Report() is { IsClosed: true, Answered: > 100 }, wire.Report().FindingText);
    }

    private static Dictionary<string, string> Jumping(string clock) => new()
    {
        // Only one folder deep: below /usr/lib are links to folders above them (LLVM's), which a search of everything would follow without end.
        ["LD_PRELOAD"] = Directory.GetDirectories("/usr/lib")
            .Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1"))
            .First(File.Exists),
        ["FAKETIME_TIMESTAMP_FILE"] = clock,
        ["FAKETIME_NO_CACHE"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
    };
}
