using System.Security.Cryptography;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>
/// Two servers and a client on one switch, each in a network namespace of its own, with a mirror module that has a virtual address and
/// replicates nothing.
/// </summary>
internal sealed class MirrorStage : IDisposable
{
    public const string VirtualAddress = "10.91.0.100";
    public const int TimeoutMs = 1500;

    private static int _stages;
    private readonly string _prefix = $"sk{Environment.ProcessId % 100_000}x{Interlocked.Increment(ref _stages)}";
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-mirror-").FullName;

    public MirrorStage(string service = "", string interfaceKind = "real_interface")
    {
        First = new MirrorNode("node1", _prefix + "a", Path.Combine(_folder, "1"));
        Second = new MirrorNode("node2", _prefix + "b", Path.Combine(_folder, "2"));
        try
        {
            BuildNetwork();
        }
        catch
        {
            Dispose();
            throw;
        }

        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        foreach (var node in new[] { First, Second })
            node.Write(ClusterXml, key, UserConfig(service, interfaceKind));
    }

    public MirrorNode First { get; }

    public MirrorNode Second { get; }

    public string ClientNamespace => _prefix + "c";

    private string SwitchNamespace => _prefix + "s";

    private static string ClusterXml =>
        """
        <cluster>
          <lans>
            <lan name="default">
              <node name="node1" addr="10.91.0.1"/>
              <node name="node2" addr="10.91.0.2"/>
            </lan>
          </lans>
        </cluster>
        """;

    /// <summary>Both daemons run, and each hears the other.</summary>
    public async Task StartDaemonsAsync()
    {
        await Task.WhenAll(First.StartDaemonAsync(), Second.StartDaemonAsync());
        await Task.WhenAll(
            First.WaitAsync("node2 is heard", state => state.Modules[0].Mirror?.Peer.Presence == "heard"),
            Second.WaitAsync("node1 is heard", state => state.Modules[0].Mirror?.Peer.Presence == "heard"));
    }

    /// <summary>The first node is the primary, the second one the secondary.</summary>
    public async Task StartPairAsync()
    {
        await StartDaemonsAsync();
        await First.OrderAsync("prim");
        await First.WaitStateAsync("ALONE");
        await Second.OrderAsync("second");
        await Task.WhenAll(First.WaitStateAsync("PRIM"), Second.WaitStateAsync("SECOND"));
    }

    /// <summary>The switch's port at which it has learned the virtual MAC: <c>pa</c> for the first node, <c>pb</c> for the second; empty for none.</summary>
    public string PortOfAddress()
    {
        var lines = Tool.Read($"bridge -n {SwitchNamespace} fdb show").Split('\n');
        var words = lines.FirstOrDefault(line => line.StartsWith("5a:fe:0a:5b:00:64", StringComparison.Ordinal))?.Split(' ') ?? [];
        return words.Length > 2 ? words[2] : "";
    }

    public PingWatch WatchAddress() => new(ClientNamespace, VirtualAddress);

    public string Story() => First.Story() + Second.Story();

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
        foreach (var suffix in "abcs")
            Tool.TryRun($"ip netns del {_prefix}{suffix}", out _);
        Directory.Delete(_folder, recursive: true);
    }

    private static string UserConfig(string service, string interfaceKind) =>
        $"""
        <!DOCTYPE safe>
        <safe>
          <service mode="mirror" maxloop="1000" {service}>
            <heart pulse="150ms" timeout="{TimeoutMs}ms">
              <heartbeat name="default"/>
            </heart>
            <vip>
              <interface_list>
                <interface check="off">
                  <{interfaceKind}>
                    <virtual_addr addr="{VirtualAddress}" where="one_side_alias" check="off"/>
                  </{interfaceKind.Split(' ')[0]}>
                </interface>
              </interface_list>
            </vip>
            <user/>
          </service>
        </safe>
        """;

    private void BuildNetwork()
    {
        Tool.Run($"ip netns add {SwitchNamespace}");
        Tool.Run($"ip -n {SwitchNamespace} link add br0 type bridge");
        Tool.Run($"ip -n {SwitchNamespace} link set br0 up");
        foreach (var (suffix, host) in new[] { ('a', 1), ('b', 2), ('c', 9) })
        {
            var name = $"{_prefix}{suffix}";
            Tool.Run($"ip netns add {name}");
            Tool.Run($"ip -n {name} link set lo up");
            Tool.Run($"ip -n {SwitchNamespace} link add p{suffix} type veth peer name eth0 netns {name}");
            Tool.Run($"ip -n {SwitchNamespace} link set p{suffix} master br0 up");
            Tool.Run($"ip -n {name} address add 10.91.0.{host}/24 dev eth0");
            Tool.Run($"ip -n {name} link set eth0 up");
        }
    }
}
