using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Filter;
using SafeKit.Membership;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// vmac_directed: when a node is no entry any more, its clients are told of another at once and again, for an announcement may be
/// lost. One node tells everyone (a client may have asked when nobody else listened); right after that each node tells the
/// clients that it is to have, so that the entries stay spread. A thread of its own, because the membership's may not wait.
/// </summary>
public sealed class EntryAnnouncer : IDisposable
{
    /// <summary>When everyone is told, in ms; the clients of each node are told again a moment later.</summary>
    private static readonly int[] _everyoneMs = [0, 300, 1000, 3000];

    private const int OwnClientsAfterMs = 60;
    private readonly IReadOnlyList<FilterAddress> _addresses;
    private readonly FilterHost _filter;
    private readonly Func<bool> _mayAct;
    private readonly ModuleLog _log;
    private readonly AutoResetEvent _changed = new(false);
    private readonly Thread _thread;
    private readonly Queue<(long DueNs, Action Step)> _steps = new();
    private volatile BucketTable? _table;
    private volatile bool _stopping;
    private string _problem = "";

    /// <param name="addresses">Directed addresses, with groups numbered within the module.</param>
    /// <param name="filter">Knows the clients.</param>
    /// <param name="mayAct">Whether this node's lease holds.</param>
    /// <param name="log">Log of the module.</param>
    public EntryAnnouncer(IReadOnlyList<FilterAddress> addresses, FilterHost filter, Func<bool> mayAct, ModuleLog log)
    {
        _addresses = addresses;
        _filter = filter;
        _mayAct = mayAct;
        _log = log;
        _thread = new Thread(Run) { Name = "entries", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The table that has come into force. Neither waits nor allocates.</summary>
    public void Observe(BucketTable table)
    {
        _table = table;
        _changed.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _changed.Set();
        _thread.Join();
        _changed.Dispose();
    }

    private void Run()
    {
        BucketTable? before = null;
        while (true)
        {
            var isChanged = _changed.WaitOne(_steps.TryPeek(out var next) ? WaitMs(next.DueNs) : Timeout.Infinite);
            if (_stopping)
                return;
            if (isChanged && _table is { } table)
            {
                Plan(before, table);
                before = table;
            }

            while (_steps.TryPeek(out next) && next.DueNs <= MonotonicClock.NowNs && !_stopping)
                Do(_steps.Dequeue().Step);
        }
    }

    private static int WaitMs(long dueNs) => (int)Math.Max(0, Math.Ceiling(MonotonicClock.ToMs(dueNs - MonotonicClock.NowNs)));

    private void Plan(BucketTable? before, BucketTable after)
    {
        var now = MonotonicClock.NowNs;
        var planned = new List<(long DueNs, Action Step)>();
        foreach (var address in _addresses)
        {
            if (address.EntryGroup is not { } group)
                continue;
            var owners = after.OwnersOf(group);
            var takeover = EntryTakeover.Between(before is null ? default : before.OwnersOf(group), owners, address.Self);
            var mine = owners.ToArray().Select(owner => owner == address.Self).ToArray();
            foreach (var ms in _everyoneMs)
            {
                if (takeover.TellsEveryone)
                    planned.Add((now + MonotonicClock.FromMs(ms), () => AddressAnnouncement.Send([address])));
                if (takeover.Gained.Contains(true))
                    planned.Add((now + MonotonicClock.FromMs(ms), () => Tell(address, takeover.Gained)));
                if (takeover.IsAnyLost)
                    planned.Add((now + MonotonicClock.FromMs(ms + OwnClientsAfterMs), () => Tell(address, mine)));
            }

            if (takeover.TellsEveryone)
                _log.Event("vip", $"rule=entry-lost everyone is told that {address.Address} is at MAC {address.VirtualMac}");
        }

        // A table that changes nothing about entries, as when a node has drained, leaves what is under way as it is.
        if (planned.Count == 0)
            return;
        _steps.Clear();
        foreach (var step in planned.OrderBy(one => one.DueNs))
            _steps.Enqueue(step);
    }

    private void Tell(FilterAddress address, IReadOnlyList<bool> buckets)
    {
        var clients = _filter.Askers(address).Where(client => buckets[client.Bucket]).ToList();
        if (clients.Count > 0)
            AddressAnnouncement.Tell(address, clients);
    }

    private void Do(Action step)
    {
        if (!_mayAct())
            return;
        try
        {
            step();
            _problem = "";
        }
        catch (Exception e) when (e is SafeKitException or ObjectDisposedException)
        {
            // A cable that is out: the next step tries again. The same problem is one line.
            if (_problem != e.Message)
                _log.Event("vip", e.Message);
            _problem = e.Message;
        }
    }
}
