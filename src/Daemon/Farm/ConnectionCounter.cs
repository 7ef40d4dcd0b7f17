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
    private readonly (byte[] Address, FilterRule[] Rules)[] _addresses;

    public ConnectionCounter(FilterPart part, ulong hashSeed)
    {
        _hashSeed = hashSeed;
        _groups = part.Groups.Count;
        _addresses = [.. part.Addresses.Select(a => (a.Address.GetAddressBytes(), a.Rules.Where(r => r.Protocol == RuleProtocol.Tcp).ToArray()))];
    }

    /// <exception cref="SafeKitException">The kernel refuses the question.</exception>
    public ConnectionCount Count()
    {
        var total = 0;
        var holding = new byte[_groups * Limits.BucketsPerGroup / 8];
        SocketDiag.Dump((local, localPort, remote, remotePort) =>
        {
            // There may be hundreds of thousands: nothing is allocated for one.
            if (IndexOf(local) is not (>= 0 and var index))
                return;
            total++;
            if (RuleOf(_addresses[index].Rules, localPort) is not { } rule)
                return;
            var bucket = (rule.Group * Limits.BucketsPerGroup) + (int)FilterHash.Bucket(_hashSeed, remote, remotePort, rule.Input, 0);
            holding[bucket >> 3] |= (byte)(1 << (bucket & 7));
        });
        return new ConnectionCount(total, holding);
    }

    private static FilterRule? RuleOf(FilterRule[] rules, ushort port)
    {
        foreach (var rule in rules)
        {
            if (rule.Port is null || rule.Port == port)
                return rule;
        }

        return null;
    }

    /// <summary>A module has a few addresses.</summary>
    private int IndexOf(ReadOnlySpan<byte> address)
    {
        for (var i = 0; i < _addresses.Length; i++)
        {
            if (address.SequenceEqual(_addresses[i].Address))
                return i;
        }

        return -1;
    }
}
