using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>
/// A server of the lab: a machine with its own root folder, safekitd and one module. Faults return the monotonic instant
/// just before they were done, so that an outage can be counted from there.
/// </summary>
public abstract partial class ServerNode : IAsyncDisposable
{
    private readonly bool _hasSecondLan;
    private readonly LabSwitch _switch;
    private readonly string _artifacts;
    private NamespaceHolder? _holder;
    private Service? _daemon;
    private ControlClient? _control;

    private protected ServerNode(int number, string module, bool hasSecondLan, LabSwitch labSwitch, string labFolder, string artifacts)
    {
        Number = number;
        Module = module;
        _hasSecondLan = hasSecondLan;
        _switch = labSwitch;
        _artifacts = artifacts;
        Paths = new NodePaths(Path.Combine(labFolder, Name));
    }

    public int Number { get; }

    public string Name => $"node{Number}";

    /// <summary>Name of the module that the lab is about.</summary>
    public string Module { get; }

    public string Address4 => LabAddresses.Node4(Number);

    public NodePaths Paths { get; }

    public string DaemonLog => Path.Combine(Paths.Root, "safekitd.log");

    public bool IsPowered => _holder is not null;

    public bool IsDaemonRunning => _daemon is { IsRunning: true };

    public bool IsSuspended { get; private set; }

    public bool IsCableCut { get; private set; }

    public bool IsSecondCableCut { get; private set; }

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
        ForgetFormerLife();
        _holder = await NamespaceHolder.StartAsync(Name);
        await Topology.Machine.CalmAsync(_holder);
        await _switch.PlugAsync(_holder, "eth0", LabAddresses.NodeMac(Number));
        await Topology.Machine.AddressAsync(_holder, "eth0", Address4, LabAddresses.Node6(Number));
        if (_hasSecondLan)
        {
            await _switch.PlugAsync(_holder, "eth1", $"02:00:00:00:02:{10 + Number:x2}", network: 1);
            await Topology.Machine.AddressAsync(_holder, "eth1", LabAddresses.NodeSecondLan(Number), address6: null);
        }

        await PreparePoweredAsync();
        IsCableCut = false;
        IsSecondCableCut = false;
    }

    /// <summary>Power loss. The cable goes first, so that nothing of the dying machine is heard: power loss is silent.</summary>
    public async Task<long> PowerOffAsync()
    {
        var at = MonotonicClock.NowNs;
        if (_holder is not { } holder)
            return at;
        if (!IsCableCut)
            await _switch.SetCableAsync(Name, connected: false);
        if (_hasSecondLan && !IsSecondCableCut)
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
    public async Task SetSecondLanAsync(bool connected)
    {
        await _switch.SetCableAsync(Name, connected, network: 1);
        IsSecondCableCut = !connected;
    }

    public async ValueTask DisposeAsync()
    {
        if (_holder is { } holder)
        {
            _holder = null;
            DropDaemon();
            await holder.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>What else a machine needs once it has its network and before any program runs.</summary>
    private protected virtual Task PreparePoweredAsync() => Task.CompletedTask;

    /// <summary>Removes files that name things of the machine's former life, whose process numbers may belong to others now.</summary>
    private protected virtual void ForgetFormerLife()
    {
        if (Directory.Exists(Paths.Run))
            Directory.Delete(Paths.Run, recursive: true);
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
