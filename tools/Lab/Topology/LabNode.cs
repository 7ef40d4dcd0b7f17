using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>
/// A server of the lab: a machine with its own root folder, an nginx and safekitd. Faults return the monotonic instant
/// just before they were done, so that an outage can be counted from there.
/// </summary>
public sealed partial class LabNode : IAsyncDisposable
{
    private readonly LabOptions _options;
    private readonly LabSwitch _switch;
    private readonly string _artifacts;
    private NamespaceHolder? _holder;
    private Service? _daemon;
    private ControlClient? _control;

    internal LabNode(int number, LabOptions options, LabSwitch labSwitch, string labFolder, string artifacts)
    {
        Number = number;
        _options = options;
        _switch = labSwitch;
        _artifacts = artifacts;
        Paths = new NodePaths(Path.Combine(labFolder, Name));
    }

    public int Number { get; }

    public string Name => $"node{Number}";

    public string Address4 => LabAddresses.Node4(Number);

    public NodePaths Paths { get; }

    public string DaemonLog => Path.Combine(Paths.Root, "safekitd.log");

    public bool IsPowered => _holder is not null;

    public bool IsDaemonRunning => _daemon is { IsRunning: true };

    public bool IsSuspended { get; private set; }

    public bool IsCableCut { get; private set; }

    /// <summary>Host number of the daemon's process; 0 when it does not run.</summary>
    public int DaemonPid => _daemon is { IsRunning: true } daemon ? daemon.Pid : 0;

    /// <summary>The machine; for programs that a comparison starts there.</summary>
    public NamespaceHolder Machine => _holder ?? throw new LabException($"{Name} is powered off");

    /// <summary>Switches the machine on: namespaces, cable, addresses. No program runs yet.</summary>
    public async Task PowerOnAsync()
    {
        if (IsPowered)
            return;
        Directory.CreateDirectory(Paths.Root);
        // Both name things of the machine's former life, whose process numbers may belong to others now.
        File.Delete(WebServerFiles.PidFile(Paths));
        if (Directory.Exists(Paths.Run))
            Directory.Delete(Paths.Run, recursive: true);
        _holder = await NamespaceHolder.StartAsync(Name);
        await Topology.Machine.CalmAsync(_holder);
        await _switch.PlugAsync(_holder, "eth0", LabAddresses.NodeMac(Number));
        await Topology.Machine.AddressAsync(_holder, "eth0", Address4, LabAddresses.Node6(Number));
        if (_options.SecondLan)
        {
            await _switch.PlugAsync(_holder, "eth1", $"02:00:00:00:02:{10 + Number:x2}", network: 1);
            await Topology.Machine.AddressAsync(_holder, "eth1", LabAddresses.NodeSecondLan(Number), address6: null);
        }

        IsCableCut = false;
    }

    /// <summary>Power loss. The cable goes first, so that nothing of the dying machine is heard: power loss is silent.</summary>
    public async Task<long> PowerOffAsync()
    {
        var at = MonotonicClock.NowNs;
        if (_holder is not { } holder)
            return at;
        if (!IsCableCut)
            await _switch.SetCableAsync(Name, connected: false);
        if (_options.SecondLan)
            await _switch.SetCableAsync(Name, connected: false, network: 1);
        _holder = null;
        DropDaemon();
        await holder.DisposeAsync();
        return at;
    }

    /// <summary>Cuts the cable of the network that carries the virtual address.</summary>
    public async Task<long> CutCableAsync()
    {
        var at = MonotonicClock.NowNs;
        await _switch.SetCableAsync(Name, connected: false);
        IsCableCut = true;
        return at;
    }

    public async Task RepairCableAsync()
    {
        await _switch.SetCableAsync(Name, connected: true);
        IsCableCut = false;
    }

    /// <summary>Cuts or repairs the cable of the second heartbeat network.</summary>
    public Task SetSecondLanAsync(bool connected) => _switch.SetCableAsync(Name, connected, network: 1);

    public async ValueTask DisposeAsync()
    {
        if (_holder is { } holder)
        {
            _holder = null;
            DropDaemon();
            await holder.DisposeAsync();
        }
    }

    private void DropDaemon()
    {
        _control?.Dispose();
        _control = null;
        _daemon?.Dispose();
        _daemon = null;
        IsSuspended = false;
    }
}
