using SafeKit.Lab;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>A virtual address that a foreign machine already has is found before it is taken.</summary>
[Collection(FarmCollection.Name)]
public sealed class AddressTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(15);

    [RootFact]
    public async Task An_address_that_another_machine_has_is_not_taken()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { Nodes = 2 });
        var squatter = lab.Clients[1];
        await squatter.RunAsync("ip", "addr", "add", $"{LabAddresses.Virtual4}/24", "dev", "eth0");
        await lab.StartDaemonsAsync();

        foreach (var node in lab.Nodes)
        {
            await node.WaitForModuleAsync(_ => LogOf(node).Contains($"{LabAddresses.Virtual4} is in use"), _limit);
            await node.WaitForModuleAsync(module => module.State == "STOP", _limit);
        }
    }

    private static string LogOf(LabNode node)
    {
        using var control = node.OpenControl(_limit);
        return string.Join('\n', control.LogAsync(ClusterFiles.Module, lines: 50, all: false).Result.Select(line => line.Message));
    }
}
