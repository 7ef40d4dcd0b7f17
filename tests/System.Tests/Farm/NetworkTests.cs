using SafeKit.Core;
using SafeKit.Lab;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>
/// A farm on other networks than plain cards: bridge, bond, VLAN, IPv6 alone. On each the cluster becomes whole, every node answers clients, and
/// a node leaves and returns without a failed request.
/// </summary>
[Collection(FarmCollection.Name)]
public sealed class NetworkTests
{
    private static readonly TimeSpan _loadTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes one network of the switch's two.</summary>
    private const string Patch =
        "link add patch0 type veth peer name patch1\nlink set patch0 master br0 up\nlink set patch1 master br1 up\n";

    /// <summary>The address is on a bridge over the card, as where virtual machines live, and on plain cards elsewhere; nobody names an interface.</summary>
    [RootFact]
    public Task A_bridge_that_has_the_address() => ServesAsync(
        new LabOptions
        {
            Nodes = 2,
            Clients = 1,
            ChangeNetwork = (_, machine) =>
                machine.Name == "node1" ? PutBelowAsync(machine, "br0", "bridge forward_delay 0", "eth0") : Task.CompletedTask,
            ChangeFiles = paths => Rewrite(paths, xml => xml.Replace(" name=\"eth0\"", "")),
        },
        lab => AssertModeAsync(lab, "node1", "br0", "generic"));

    [DeviceFact("link probe0 name probe2 type vlan id 7")]
    public Task A_VLAN_sub_interface() => ServesAsync(
        new LabOptions
        {
            Nodes = 2,
            Clients = 1,
            ChangeNetwork = (_, machine) =>
                MoveAsync(machine, "eth0.7", "link add link eth0 name eth0.7 type vlan id 7", "addr flush dev eth0"),
            ChangeFiles = paths => Rewrite(paths, xml => xml.Replace("\"eth0\"", "\"eth0.7\"")),
        },
        lab => AssertModeAsync(lab, "node2", "eth0.7", "generic"));

    /// <summary>Two cables to one switch; the one in use is cut under load.</summary>
    [DeviceFact("probe2 type bond")]
    public Task A_bond() => ServesAsync(
        new LabOptions
        {
            Nodes = 2,
            Clients = 1,
            SecondLan = true,
            ChangeNetwork = (_, machine) => IsNode(machine)
                ? PutBelowAsync(machine, "bond0", "bond mode active-backup miimon 20 primary_reselect failure", "eth0", "eth1")
                : Task.CompletedTask,
            ChangeFiles = paths =>
            {
                Rewrite(paths, xml => xml.Replace("\"eth0\"", "\"bond0\"").Replace("<lan name=\"second\"/>", ""));
                File.WriteAllText(paths.ClusterXml, new ClusterFiles(new LabOptions { Nodes = 2 }).ClusterXml());
            },
        },
        async lab =>
        {
            await AssertModeAsync(lab, "node2", "bond0", "generic");
            await Command.MustRunAsync(["nsenter", "-t", $"{lab.Switch.InitPid}", "-n", "ip", "-batch", "-"], Patch);
            await using var load = new LoadGroup(lab.Clients, new LoadOptions());
            var seen = await load.DuringAsync(async () =>
            {
                await lab.Node("node2").CutCableAsync();
                await Task.Delay(2 * _loadTime);
            });
            Assert.True(seen.Failures == 0, seen.ErrorText);
            Assert.True(seen.ShareOf("node2") > 0, "node2 answers by its other cable");
        });

    [RootFact]
    public Task IPv6_alone() => ServesAsync(
        new LabOptions
        {
            Nodes = 2,
            Clients = 1,
            ChangeNetwork = (_, machine) => machine.IpAsync($"addr del {Address4(machine)}/24 dev eth0"),
            ChangeFiles = paths =>
            {
                Rewrite(paths, xml => xml
                    .Replace($"<virtual_addr addr=\"{LabAddresses.Virtual4}\" where=\"alias\" check=\"off\"/>", "")
                    .Replace(LabAddresses.Virtual4.ToString(), LabAddresses.Virtual6.ToString()));
                File.WriteAllText(paths.ClusterXml, File.ReadAllText(paths.ClusterXml).Replace("10.99.0.", "fd99::"));
            },
        },
        everyNthIPv6: 1);

    private static async Task ServesAsync(LabOptions options, Func<ClusterLab, Task>? more = null, int everyNthIPv6 = 2)
    {
        await using var lab = await ClusterLab.CreateAsync(options);
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        await using (var load = new LoadGroup(lab.Clients, new LoadOptions { EveryNthIPv6 = everyNthIPv6 }))
        {
            var seen = await load.DuringAsync(() => Task.Delay(_loadTime));
            Assert.True(seen.Failures == 0, seen.ErrorText);
            Assert.Equal(lab.NodeNames.Order(), seen.AnswersByNode.Keys.Order());
            var node = lab.Nodes[0];
            var left = await load.DuringAsync(async () =>
            {
                await node.LeaveAsync();
                await lab.WaitWholeAsync(FarmFixture.SettleLimit, lab.NodeNames.Where(name => name != node.Name).ToList());
                await node.MustCliAsync("start", "-m", ClusterFiles.Module);
                await lab.WaitWholeAsync(FarmFixture.SettleLimit);
            });
            Assert.True(left.Failures == 0, left.ErrorText);
        }

        if (more is not null)
            await more(lab);
    }

    private static void Rewrite(NodePaths paths, Func<string, string> change)
    {
        var file = paths.UserConfig(ClusterFiles.Module);
        File.WriteAllText(file, change(File.ReadAllText(file)));
    }

    /// <summary>Makes an interface of these ports, which gets the addresses of the first.</summary>
    private static Task PutBelowAsync(NamespaceHolder machine, string name, string kind, params string[] ports) =>
        MoveAsync(machine, name, [$"link add {name} type {kind}", .. ports.SelectMany(port => Join(port, name))]);

    /// <summary>A bond takes only ports that are down.</summary>
    private static string[] Join(string port, string name) =>
        [$"addr flush dev {port}", $"link set {port} down", $"link set {port} master {name}", $"link set {port} up"];

    private static Task MoveAsync(NamespaceHolder machine, string name, params string[] lines) => machine.IpAsync(
    [
        .. lines,
        $"addr add {Address4(machine)}/24 dev {name}",
        $"addr add {Address6(machine)}/64 dev {name} nodad",
        $"link set {name} up",
    ]);

    private static bool IsNode(NamespaceHolder machine) => machine.Name.StartsWith("node", StringComparison.Ordinal);

    private static int NumberOf(NamespaceHolder machine) => machine.Name[^1] - '0';

    private static string Address4(NamespaceHolder machine) =>
        IsNode(machine) ? LabAddresses.Node4(NumberOf(machine)) : LabAddresses.Client4(NumberOf(machine));

    private static string Address6(NamespaceHolder machine) =>
        IsNode(machine) ? LabAddresses.Node6(NumberOf(machine)) : LabAddresses.Client6(NumberOf(machine));

    private static async Task AssertModeAsync(ClusterLab lab, string node, string name, string mode)
    {
        // The state of the filter is read once in a while: what is shown may be from before the start.
        var deadline = DateTime.UtcNow + FarmFixture.SettleLimit;
        var filter = (await lab.Node(node).StateAsync())!.Filter;
        for (; filter.Interfaces.Count == 0 && DateTime.UtcNow < deadline; filter = (await lab.Node(node).StateAsync())!.Filter)
            await Task.Delay(50);
        var one = Assert.Single(filter.Interfaces);
        Assert.Equal((name, mode), (one.Interface, one.Mode));
    }
}
