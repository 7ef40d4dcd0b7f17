using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Filter;
using SafeKit.Membership;

namespace SafeKit.Daemon.Farm;

/// <summary>What a module with directed addresses needs beside its rows: who the others are, whom to send to, whom to tell.</summary>
public sealed class DirectedSeat : IDisposable
{
    private readonly ModuleContext _context;
    private readonly ModuleLog _log;
    private readonly IReadOnlyList<FilterAddress> _addresses;
    private readonly DirectedPeers _peers;
    private readonly byte[] _holders;
    private EntryAnnouncer? _announcer;

    /// <exception cref="SafeKitException">No lan of cluster.xml lies on one of the interfaces.</exception>
    public DirectedSeat(ModuleContext context, FilterPart part, ModuleLog log)
    {
        _context = context;
        _log = log;
        _addresses = [.. part.Addresses.Where(a => a.IsDirected)];
        _peers = new DirectedPeers(context, _addresses, log);
        _holders = new byte[part.Groups.Count * Limits.RouteHolders * Limits.BucketsPerGroup];
        Array.Fill(_holders, BucketTable.Nobody);
    }

    /// <summary>Per group: the owners of all buckets, then as often their former owners.</summary>
    public ReadOnlySpan<byte> Holders => _holders;

    public bool IsMember(MacAddress mac) => _peers.IsMember(mac);

    /// <summary>Names of the nodes to which nothing can be sent on yet, because their MAC is not known.</summary>
    public IReadOnlyList<string> Unknown() => _peers.Unknown();

    /// <summary>The addresses are in the filter: from now on it learns who the others are.</summary>
    public void Start()
    {
        _peers.Start();
        _announcer = new EntryAnnouncer(
            _addresses, _context.Filter, () => _context.Filter.Lease(_context.Slot) > MonotonicClock.NowNs, _log);
    }

    /// <summary>The table by which the next rows were made; on the membership's thread.</summary>
    public void Observe(BucketTable table)
    {
        RouteTable.Write(table, _holders);
        _announcer?.Observe(table);
    }

    public void Dispose()
    {
        _announcer?.Dispose();
        _peers.Dispose();
    }
}
