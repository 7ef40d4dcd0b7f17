using System.Net;
using SafeKit.Lab;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests;

/// <summary>The lab itself: its machines are apart, its faults are real, and nothing of it survives it.</summary>
public sealed class LabTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    [RootFact]
    public async Task Machines_reach_each_other_through_the_switch_only()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { WithSafeKit = false });
        foreach (var node in lab.Nodes)
            await node.StartNginxAsync();

        Assert.Equal("node2", (await AskAsync(lab, "10.99.0.12")).Node);
        Assert.Equal("node3", (await AskAsync(lab, "fd99::13")).Node);
        await lab.Nodes[1].CutCableAsync();
        Assert.Null((await AskAsync(lab, "10.99.0.12")).Node);
        Assert.Equal("node1", (await AskAsync(lab, "10.99.0.11")).Node);
    }

    [RootFact]
    public async Task A_machine_comes_back_from_a_power_loss()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { WithSafeKit = false, Nodes = 2 });
        var node = lab.Nodes[0];
        await node.StartNginxAsync();

        await node.PowerOffAsync();
        Assert.Null((await AskAsync(lab, node.Address4)).Node);
        await node.PowerOnAsync();
        await node.StartNginxAsync();

        // A link that comes up takes up to a second to be used, and the client may still know the address as unreachable.
        await UntilAsync(() => AskAsync(lab, node.Address4).Result.Answered);
        Assert.Equal(node.Name, (await AskAsync(lab, node.Address4)).Node);
    }

    // A stopped process is reaped by a parent that may be stopped too: that once kept a namespace alive.
    [RootFact]
    public async Task A_machine_with_a_stopped_program_can_be_switched_off()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { WithSafeKit = false, Nodes = 2 });
        var node = lab.Nodes[0];
        using var service = await Service.StartAsync(node.Machine, ["sleep", "1000"], Path.Combine(node.Paths.Root, "log"));
        service.Suspend();
        await Task.Delay(200);
        var leftovers = new Leftovers();
        leftovers.Remember(lab);

        await lab.DisposeAsync();

        Assert.Empty(leftovers.Find());
    }

    [RootFact]
    public async Task Nothing_is_left_after_the_end()
    {
        var leftovers = new Leftovers();
        await using (var lab = await ClusterLab.CreateAsync(new LabOptions { WithSafeKit = false }))
        {
            await lab.Nodes[0].StartNginxAsync();
            leftovers.Remember(lab);
            Assert.NotEmpty(leftovers.Find());
        }

        Assert.Empty(leftovers.Find());
    }

    [RootFact]
    public Task Nothing_is_left_after_Ctrl_C() => LeaveNothingAsync(signal: "INT", expectedExit: 130);

    [RootFact]
    public Task Nothing_is_left_after_a_hang_up() => LeaveNothingAsync(signal: "HUP", expectedExit: 130);

    [RootFact]
    public Task Nothing_is_left_after_kill_9() => LeaveNothingAsync(signal: "KILL", expectedExit: 128 + 9);

    [RootFact]
    public Task Nothing_is_left_after_kill_9_while_daemons_run() =>
        LeaveNothingAsync(signal: "KILL", expectedExit: 128 + 9, withDaemons: true);

    private static Task LeaveNothingAsync(string signal, int expectedExit, bool withDaemons = false) => LabEnd.LeaveNothingAsync(
        ["hold", .. withDaemons ? Array.Empty<string>() : ["--bare"]],
        machines: 6,
        signal,
        expectedExit,
        isReady: folder => !withDaemons || File.Exists(Path.Combine(folder, "node3/run/safekit/control.sock")));

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow + _limit;
        while (!condition() && DateTime.UtcNow < deadline)
            await Task.Delay(50);
    }

    private static Task<RequestOutcome> AskAsync(ClusterLab lab, string address)
    {
        var target = IPEndPoint.Parse(address.Contains(':') ? $"[{address}]:80" : $"{address}:80");
        var socket = lab.Clients[0].Network.Invoke(() => HttpExchange.CreateSocket(target.AddressFamily, sourcePort: 0));
        return HttpExchange.RunAsync(socket, target, TimeSpan.FromSeconds(1));
    }
}
