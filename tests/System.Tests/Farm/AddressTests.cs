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
            var module = await node.WaitForModuleAsync(
                one => one.ErrorText?.Contains(LabAddresses.Virtual4.ToString(), StringComparison.Ordinal) == true, _limit);
            Assert.NotEqual("UP", module.State);
        }
    }
}
