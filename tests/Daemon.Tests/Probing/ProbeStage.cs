using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SafeKit.Core;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Probing;
using SafeKit.Daemon.Tests.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon.Tests.Probing;

/// <summary>Two nodes of a cluster that has two, node1 at eth1 and node2 at eth2, the ends of a cable in a network namespace of its own.</summary>
internal sealed partial class ProbeStage : IDisposable
{
    public const string Address = "10.99.0.100";
    public const string VirtualMac = "5a:fe:0a:63:00:64";

    private const int CLONE_NEWNET = 0x40000000;

    private const string ClusterXml = """
        <cluster><lans><lan name="default">
          <node name="node1" addr="10.99.0.11"/><node name="node2" addr="10.99.0.12"/>
        </lan></lans></cluster>
        """;

    private static readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ProbeDesk[] _desks = [.. Enumerable.Range(0, 2).Select(Desk)];

    public static IReadOnlyList<string> Nodes { get; } = ["node1", "node2"];

    public ProbeDesk this[int node] => _desks[node];

    /// <summary>On a thread of its own, which the namespace ends with.</summary>
    public static void Run(Action<ProbeStage> test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Assert.Equal(0, unshare(CLONE_NEWNET));
                Tool.Run("ip link add eth1 address 02:00:00:00:00:01 type veth peer name eth2 address 02:00:00:00:00:02");
                Tool.Run("ip address add 10.99.0.11/24 dev eth1");
                Tool.Run("ip address add 10.99.0.12/24 dev eth2");
                Tool.Run("ip link set eth1 up");
                Tool.Run("ip link set eth2 up");
                using var stage = new ProbeStage();
                test(stage);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    public static ProbePlace Place(int node) => ProbePlace.All("web", Vip(node))[0];

    public static ProbeDesk Desk(int node) => new(
        new ClusterContext(ClusterConfigurationReader.ReadText(ClusterXml, "cluster.xml").Value!, _key, new NodeId((byte)node)),
        module => module == "web" ? Vip(node) : throw new SafeKitException($"there is no module '{module}'"),
        device => $"{device.Name} has no filter");

    public void Dispose()
    {
        foreach (var desk in _desks)
            desk.Dispose();
    }

    private static VipConfiguration Vip(int node) => UserConfigurationReader.ReadText(
        $"""
        <safe><service mode="farm"><farm><lan name="default"/></farm><vip>
          <interface_list><interface name="eth{node + 1}"><virtual_interface type="vmac_invisible">
            <virtual_addr addr="{Address}" where="alias"/>
          </virtual_interface></interface></interface_list>
          <loadbalancing_list><group name="all"><rule port="80" proto="tcp" filter="on_addr"/></group></loadbalancing_list>
        </vip></service></safe>
        """,
        "userconfig.xml",
        new Dictionary<string, string>()).Value!.Vip!;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);
}
