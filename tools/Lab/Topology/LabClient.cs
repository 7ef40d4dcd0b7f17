using System.Net;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>A client machine. Its programs are threads of the lab that work in its network namespace.</summary>
public sealed class LabClient : IAsyncDisposable
{
    private readonly NamespaceHolder _holder;

    private LabClient(int number, NamespaceHolder holder)
    {
        Number = number;
        _holder = holder;
    }

    public int Number { get; }

    public string Name => _holder.Name;

    public IPAddress Address4 => IPAddress.Parse(LabAddresses.Client4(Number));

    public IPAddress Address6 => IPAddress.Parse(LabAddresses.Client6(Number));

    public NetworkNamespace Network => _holder.Network;

    public int InitPid => _holder.InitPid;

    /// <summary>The machine; for programs that are to end with it.</summary>
    public NamespaceHolder Machine => _holder;

    public static async Task<LabClient> StartAsync(int number, LabSwitch labSwitch)
    {
        var holder = await NamespaceHolder.StartAsync($"client{number}");
        try
        {
            await Topology.Machine.CalmAsync(holder);
            await labSwitch.PlugAsync(holder, "eth0", LabAddresses.ClientMac(number));
            await Topology.Machine.AddressAsync(holder, "eth0", LabAddresses.Client4(number), LabAddresses.Client6(number));
            // A partial checksum is right on a real card only: a filter that sends a frame on would forward it broken.
            await Command.MustRunAsync(holder.OnNetwork("ethtool", "-K", "eth0", "tx", "off"));
            return new LabClient(number, holder);
        }
        catch
        {
            await holder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command on the client's network.</summary>
    public Task<CommandResult> RunAsync(params string[] command) => Command.RunAsync(_holder.OnNetwork(command));

    public ValueTask DisposeAsync() => _holder.DisposeAsync();
}
