using SafeKit.Core.Control;

namespace SafeKit.Lab.Mirror;

/// <summary>What can be done to a node of the mirror, by name: the keys of the live picture.</summary>
public static class MirrorFaults
{
    private static readonly TimeSpan _stateLimit = TimeSpan.FromSeconds(30);

    /// <summary>Every fault with its key, in the order in which they are shown.</summary>
    public static IReadOnlyList<(char Key, string Name, string Help)> All { get; } =
    [
        ('c', "cut", "cut cable"),
        ('r', "cut-replication", "cut replication lan"),
        ('k', "kill", "kill -9 everything"),
        ('z', "freeze", "SIGSTOP"),
        ('p', "power-off", "power off"),
        ('s', "swap", "swap"),
        ('b', "back", "bring back"),
    ];

    public static async Task DoAsync(MirrorNode node, string fault)
    {
        if (!node.IsPowered && fault != "back")
            throw new LabException($"{node.Name} is powered off; bring it back first");
        switch (fault)
        {
            case "cut":
                await node.CutCableAsync();
                break;
            case "cut-replication":
                await node.SetSecondLanAsync(connected: false);
                break;
            case "kill":
                await node.CrashAsync();
                break;
            case "freeze":
                node.SuspendDaemon();
                break;
            case "power-off":
                await node.PowerOffAsync();
                break;
            case "swap":
                await node.MustCliAsync("swap", "-m", node.Module);
                break;
            case "back":
                await BringBackAsync(node);
                break;
            default:
                throw new LabException($"there is no fault named {fault}");
        }
    }

    /// <summary>Undoes whatever was done to a node, and starts the module where it was stopped.</summary>
    public static async Task BringBackAsync(MirrorNode node)
    {
        await RepairAsync(node);
        var module = await node.WaitForModuleAsync(IsSettled, _stateLimit);
        // Refused where the daemon has just begun to start it by itself, as boot="auto" says; who waits for the module sees either.
        if (module.State == "STOP")
            await node.CliAsync("start", "-m", node.Module);
    }

    /// <summary>
    /// Undoes whatever was done to a node. A module that ran when the node crashed is started by the daemon itself, as boot="auto" says.
    /// </summary>
    public static async Task RepairAsync(MirrorNode node)
    {
        await node.PowerOnAsync();
        if (node.IsCableCut)
            await node.RepairCableAsync();
        if (node.IsSecondCableCut)
            await node.SetSecondLanAsync(connected: true);
        if (node.IsSuspended)
            node.ResumeDaemon();
        if (!node.IsDaemonRunning)
            await node.StartDaemonAsync();
    }

    private static bool IsSettled(ModuleState module) => module.Status != "Transient" || module.State != "WAIT";
}
