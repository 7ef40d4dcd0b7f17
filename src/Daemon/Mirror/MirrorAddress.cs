using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Filter;
using SafeKit.Membership;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// The virtual address of a mirror on this node: in the filter only while this node serves it, so that the other node's own programs reach the
/// primary under it. The heart grants the lease.
/// </summary>
public sealed class MirrorAddress(ModuleContext context, VipConfiguration? vip, ModuleLog log)
{
    private static readonly TimeSpan _retryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(10);
    private readonly byte[] _rows = Enumerable.Repeat((byte)RowFlags.Mine, Limits.BucketsPerGroup).ToArray();
    private FilterPart? _part;
    private CancellationTokenSource _announcing = new();
    private long _leaseUntilNs;
    private volatile string? _problem;

    /// <summary>What keeps the address away, with the remedy; null when nothing does.</summary>
    public string? Problem => _problem;

    /// <summary>Whether clients are answered now.</summary>
    public bool Answers => Interlocked.Read(ref _leaseUntilNs) > MonotonicClock.NowNs;

    /// <summary>Called on the heart's thread.</summary>
    public void SetLease(long untilNs)
    {
        Interlocked.Exchange(ref _leaseUntilNs, untilNs);
        if (vip is not null)
            context.Filter.SetLease(context.Slot, untilNs);
    }

    /// <summary>
    /// Looks, before anything depends on it, whether the interface can be told and no other machine has the address. Only told: the other
    /// node may be serving meanwhile.
    /// </summary>
    public void Check()
    {
        try
        {
            if (vip is not null && _part is null)
                AddressProbe.Check(AddressPart.From(context.Name, vip).Addresses);
            _problem = null;
        }
        catch (SafeKitException e)
        {
            _problem = e.Message;
            log.Critical("vip", e.Message);
        }
    }

    /// <summary>
    /// Takes the address; done once clients are answered. What fails is tried again, for the service depends on it. A lease that is held back longer
    /// than <paramref name="patience"/> begins later by itself: what this node does about a rival must not wait for it.
    /// </summary>
    public async Task SetAsync(HeartRunner heart, TimeSpan patience, CancellationToken cancel)
    {
        while (vip is not null && !TrySet(vip))
            await Task.Delay(_retryInterval, cancel);
        heart.TakeAddress();
        var begunNs = MonotonicClock.NowNs;
        while (!Answers && MonotonicClock.ToMs(MonotonicClock.NowNs - begunNs) < patience.TotalMilliseconds)
            await Task.Delay(_pollInterval, cancel);
        foreach (var address in _part?.Addresses ?? [])
            log.Event("vip", $"Virtual IP {address.Address} set on {address.Interface} with MAC {address.VirtualMac}");
        Announce();
    }

    /// <summary>Silent at once, then the address is taken away.</summary>
    public async Task RemoveAsync(HeartRunner heart)
    {
        await heart.GiveUpAddressAsync();
        await Volatile.Read(ref _announcing).CancelAsync();
        _problem = null;
        if (_part is not { } part)
            return;
        _part = null;
        if (vip is { TcpReset: true })
            ConnectionReset.Run(part.Addresses, log);
        context.Filter.Remove(context.Slot);
        foreach (var address in part.Addresses)
            log.Event("vip", $"Virtual IP {address.Address} removed from {address.Interface}");
    }

    /// <summary>
    /// Announces the address anew where it is served: whenever the other node is back, for what it sent last may have been stale. Quick, from any
    /// thread.
    /// </summary>
    public void AnnounceAgain()
    {
        if (_part is not null && Answers)
            Announce();
    }

    /// <summary>Addresses behind a real interface are announced; those behind a virtual one are meant to be flooded.</summary>
    private void Announce()
    {
        var real = vip?.Interfaces.SelectMany(i => i.RealInterfaces).SelectMany(r => r.VirtualAddresses).Select(a => a.Address).ToHashSet() ?? [];
        var announced = (_part?.Addresses ?? []).Where(address => real.Contains(address.Address)).ToList();
        if (announced.Count == 0)
            return;
        var next = new CancellationTokenSource();
        Interlocked.Exchange(ref _announcing, next).Cancel();
        var announcer = new AddressAnnouncer(announced, () => Answers, log);
        _ = Task.Run(() => announcer.RunAsync(next.Token));
    }

    private bool TrySet(VipConfiguration configured)
    {
        if (_part is not null)
            return true;
        try
        {
            var part = AddressPart.From(context.Name, configured);
            context.Filter.Add(context.Slot, part);
            context.Filter.InstallRows(context.Slot, _rows);
            _part = part;
            _problem = null;
            return true;
        }
        catch (SafeKitException e)
        {
            if (_problem != e.Message)
                log.Critical("vip", $"the virtual address cannot be set, trying again: {e.Message}");
            _problem = e.Message;
            return false;
        }
    }
}
