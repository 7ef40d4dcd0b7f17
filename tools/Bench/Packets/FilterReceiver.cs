using SafeKit.Bench.Packets.Native;
using SafeKit.Core;
using SafeKit.Filter;

namespace SafeKit.Bench.Packets;

/// <summary>The packet filter as the product loads, attaches and feeds it, in the steady state.</summary>
internal sealed class FilterReceiver : PacketReceiver
{
    private const long LeaseMs = 3_600_000;

    /// <summary>A node of three that does its share takes every third bucket.</summary>
    private const int Nodes = 3;

    private readonly string _bpfFolder;
    private readonly PacketFilter _filter;

    /// <param name="generator">Whose traffic it gets.</param>
    /// <param name="number">Number of the receiver.</param>
    /// <param name="takesThird">Whether every third bucket is its own; otherwise none is.</param>
    /// <param name="others">What its rows say of the other buckets.</param>
    public FilterReceiver(PacketGenerator generator, int number, bool takesThird, RowFlags others = RowFlags.None)
        : base(generator, number)
    {
        _bpfFolder = $"{BenchThread.Scratch}/filter{number}";
        _filter = PacketFilter.Open(_bpfFolder);
        _filter.Apply(BenchTraffic.Plan(Device));
        byte[] rows = new byte[Limits.BucketsPerGroup];
        for (int bucket = 0; bucket < rows.Length; bucket++)
            rows[bucket] = (byte)(takesThird && IsTaken(bucket) ? RowFlags.Mine : others);
        _filter.InstallRows(0, rows);
        _filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(LeaseMs));
        InterfaceStatus guarded = _filter.Status().Interfaces.Single();
        if (guarded.Mode != FilterMode.Native)
            throw new SafeKitException($"the filter runs in mode {guarded.Mode} on veth: {guarded.Reason}");
        OpenSockets();
    }

    /// <summary>As in a farm: so the companion's mending of the packet type is part of what is measured.</summary>
    public override MacAddress DestinationMac(bool isIpv6) =>
        MacAddress.ForVirtualAddress(isIpv6 ? BenchTraffic.Address6 : BenchTraffic.Address);

    /// <summary>Whether the third that is taken contains the bucket.</summary>
    public static bool IsTaken(int bucket) => bucket % Nodes == 0;

    /// <summary>A descriptor of the very program that is attached, by the name of its pin; the caller closes it.</summary>
    public int OpenProgram(string name) => Checked.Call(LibBpf.bpf_obj_get($"{_bpfFolder}/{name}"), "open the pinned filter");

    public override void Dispose()
    {
        Network.Enter();
        _filter.Detach();
        base.Dispose();
    }
}
