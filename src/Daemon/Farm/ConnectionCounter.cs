using System.Net;
using SafeKit.Core;
using SafeKit.Daemon.Native;
using SafeKit.Filter;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// Counts the TCP connections that this node's kernel has to a module's addresses, and tells for each bucket whether one is left. TIME_WAIT
/// does not count: nothing of the application is left in it, and it ends by itself.
/// </summary>
public sealed class ConnectionCounter
{
    private readonly ulong _hashSeed;
    private readonly int _groups;
    private readonly Dictionary<IPAddress, FilterAddress> _addresses;

    public ConnectionCounter(FilterPart part, ulong hashSeed)
    {
        _hashSeed = hashSeed;
        _groups = part.Groups.Count;
        _addresses = part.Addresses.ToDictionary(a => a.Address);
    }

    /// <exception cref="SafeKitException">The kernel refuses the question.</exception>
    public ConnectionCount Count()
    {
        var total = 0;
        var holding = new byte[_groups * Limits.BucketsPerGroup / 8];
        SocketDiag.Dump((local, localPort, remote, remotePort) =>
        {
            if (!_addresses.TryGetValue(new IPAddress(local), out var address))
                return;
            total++;
            if (address.Rules.FirstOrDefault(r => r.Protocol == RuleProtocol.Tcp && (r.Port is null || r.Port == localPort)) is not { } rule)
                return;
            var bucket = (rule.Group * Limits.BucketsPerGroup) + (int)FilterHash.Bucket(_hashSeed, remote, remotePort, rule.Input, 0);
            holding[bucket >> 3] |= (byte)(1 << (bucket & 7));
        });
        return new ConnectionCount(total, holding);
    }
}
