using SafeKit.Lab.Topology;

namespace SafeKit.Lab;

/// <summary>What can be done to a node, by name: the keys of the live picture and the words of the command line.</summary>
public static class NodeFaults
{
    private static readonly TimeSpan _stateLimit = TimeSpan.FromSeconds(20);

    /// <summary>Every fault with its key, in the order in which they are shown.</summary>
    public static IReadOnlyList<(char Key, string Name, string Help)> All { get; } =
    [
        ('c', "cut", "cut cable"),
        ('k', "kill", "kill -9"),
        ('z', "freeze", "SIGSTOP"),
        ('p', "power-off", "power off"),
        ('n', "stop-nginx", "stop nginx"),
        ('s', "stop", "safekit stop"),
        ('d', "drain", "safekit drain"),
        ('b', "back", "bring back"),
    ];

    public static async Task DoAsync(LabNode node, string fault)
    {
        if (!node.IsPowered && fault != "back")
            throw new LabException($"{node.Name} is powered off; bring it back first");
        switch (fault)
        {
            case "cut":
                await node.CutCableAsync();
                break;
            case "kill":
                await node.KillDaemonAsync();
                break;
            case "freeze":
                node.SuspendDaemon();
                break;
            case "power-off":
                await node.PowerOffAsync();
                break;
            case "stop-nginx":
                await node.StopNginxAsync(broken: true);
                break;
            case "stop":
                await node.LeaveAsync();
                break;
            case "drain":
                await node.OrderAsync("drain");
                break;
            case "back":
                await BringBackAsync(node);
                break;
            default:
                throw new LabException($"there is no fault named {fault}");
        }
    }

    /// <summary>Undoes whatever was done to a node.</summary>
    public static async Task BringBackAsync(LabNode node)
    {
        await node.PowerOnAsync();
        if (node.IsCableCut)
            await node.RepairCableAsync();
        if (node.IsSuspended)
            node.ResumeDaemon();
        if (node.IsNginxBroken)
        {
            node.MendNginx();
            await node.StartNginxAsync();
        }

        if ((await node.StateAsync())?.Modules.Any(module => module.Drain is not null) ?? false)
            await node.OrderAsync("undrain");
        if (!node.IsDaemonRunning)
            await node.StartDaemonAsync();
        else
            await StartStoppedModuleAsync(node);
    }

    // A module on its way down must have arrived before it can be started.
    private static async Task StartStoppedModuleAsync(LabNode node)
    {
        if (await node.WaitForModuleAsync(module => module is { State: "STOP" } or { State: "UP" }, _stateLimit) is { State: "STOP" })
            await node.MustCliAsync("start", "-m", ClusterFiles.Module);
    }
}
