using System.Collections.Concurrent;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>
/// The switch: one bridge per network in a namespace of its own. It floods frames for an address that it never saw as
/// a source, as switches do; it speaks no IPv6 itself, so that nothing on the wire comes from it.
/// </summary>
public sealed class LabSwitch : IAsyncDisposable
{
    private const int FirstPortIndex = 100;

    private readonly NamespaceHolder _holder;
    private readonly ConcurrentDictionary<int, string> _machineByIndex = new();
    private int _nextIndex = FirstPortIndex;

    private LabSwitch(NamespaceHolder holder) => _holder = holder;

    public NetworkNamespace Network => _holder.Network;

    public int InitPid => _holder.InitPid;

    public static async Task<LabSwitch> StartAsync(int networks)
    {
        var holder = await NamespaceHolder.StartAsync("switch");
        try
        {
            await Command.MustRunAsync(holder.OnNetwork(
                "sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"));

            // No switch takes its frames through a firewall; a host whose kernel has that loaded (br_netfilter) would, at the price of half a frame.
            await Command.MustRunAsync(holder.OnNetwork(
                "sysctl", "-q", "-e", "-w", "net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-ip6tables=0",
                "net.bridge.bridge-nf-call-arptables=0"));
            for (var network = 0; network < networks; network++)
                await holder.IpAsync(
                    $"link add br{network} type bridge stp_state 0 forward_delay 0", $"link set br{network} up");
            return new LabSwitch(holder);
        }
        catch
        {
            await holder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Plugs a machine's interface into a network of the switch, in place of an older cable if there is one.</summary>
    public async Task PlugAsync(NamespaceHolder machine, string interfaceName, string mac, int network = 0)
    {
        await UnplugAsync(machine.Name, network);
        // Numbers are ours and never reused: a frame of a new cable cannot be taken for one of the old.
        var index = Interlocked.Increment(ref _nextIndex);
        _machineByIndex[index] = machine.Name;
        var port = Port(machine.Name, network);
        await _holder.IpAsync(
            $"link add name {port} index {index} type veth peer name {interfaceName} address {mac} netns {machine.InitPid}",
            $"link set {port} master br{network} up");
    }

    /// <summary>
    /// Removes a machine's cable. Nothing that the machine still sends arrives anywhere. A cable that is not there is
    /// no error: the kernel takes the cable of a machine that was switched off away by itself, a moment later.
    /// </summary>
    public Task UnplugAsync(string machine, int network = 0) =>
        Command.RunAsync(_holder.OnNetwork("ip", "link", "del", Port(machine, network)));

    /// <summary>Cuts or repairs a machine's cable: the carrier goes at both ends.</summary>
    public Task SetCableAsync(string machine, bool connected, int network = 0) =>
        _holder.IpAsync($"link set {Port(machine, network)} {(connected ? "up" : "down")}");

    /// <summary>
    /// Gives a machine's cable a receive ring at either end, as cards have. Otherwise everything that is sent on one processor, whoever sends it,
    /// waits in one queue of the kernel's for the next hop, and who floods that queue has the frames of all others dropped.
    /// </summary>
    public async Task UseRingsAsync(NamespaceHolder machine, string interfaceName)
    {
        // veth has rings where it may merge packets, and leaves them out for senders that send merged ones.
        await Command.MustRunAsync(machine.OnNetwork("ethtool", "-K", interfaceName, "gro", "on", "tso", "off"));
        await Command.MustRunAsync(_holder.OnNetwork("ethtool", "-K", Port(machine.Name, 0), "gro", "on", "tso", "off"));
    }

    /// <summary>Machines whose ports are isolated do not reach each other but reach everyone else.</summary>
    public async Task SetIsolatedAsync(string machine, bool isolated, int network = 0) =>
        await Command.MustRunAsync(_holder.OnNetwork(
            "bridge", "link", "set", "dev", Port(machine, network), "isolated", isolated ? "on" : "off"));

    /// <summary>Whether frames for an address that the switch never learned go out to a machine; those to everybody always do.</summary>
    public async Task SetFloodAsync(string machine, bool floods, int network = 0) =>
        await Command.MustRunAsync(_holder.OnNetwork(
            "bridge", "link", "set", "dev", Port(machine, network), "flood", floods ? "on" : "off"));

    /// <summary>Whose port a frame came in on; null for the bridge itself.</summary>
    public string? MachineOf(int interfaceIndex) => _machineByIndex.GetValueOrDefault(interfaceIndex);

    public ValueTask DisposeAsync() => _holder.DisposeAsync();

    private static string Port(string machine, int network) => network == 0 ? $"p-{machine}" : $"p{network}-{machine}";
}
