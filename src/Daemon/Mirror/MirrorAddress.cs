using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
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

    /// <summary>Refuses an address that another machine has, before anything depends on it.</summary>
    /// <exception cref="SafeKitException">It is taken, or its interface cannot be told.</exception>
    public void Check()
    {
        if (vip is not null)
            Filter.AddressProbe.Check(AddressPart.From(context.Name, vip).Addresses);
    }

    /// <summary>Takes the address; done once clients are answered. What fails is tried again, for the service depends on it.</summary>
    public async Task SetAsync(HeartRunner heart, CancellationToken cancel)
    {
        while (vip is not null && !TrySet(vip))
            await Task.Delay(_retryInterval, cancel);
        heart.TakeAddress();
        while (!Answers)
            await Task.Delay(_pollInterval, cancel);
        foreach (var address in _part?.Addresses ?? [])
            log.Event("vip", $"Virtual IP {address.Address} set on {address.Interface} with MAC {address.VirtualMac}");
    }

    /// <summary>Silent at once, then the address is taken away.</summary>
    public async Task RemoveAsync(HeartRunner heart)
    {
        await heart.GiveUpAddressAsync();
        _problem = null;
        if (_part is not { } part)
            return;
        _part = null;
        context.Filter.Remove(context.Slot);
        foreach (var address in part.Addresses)
            log.Event("vip", $"Virtual IP {address.Address} removed from {address.Interface}");
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
