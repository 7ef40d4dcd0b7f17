using System.Net;

namespace SafeKit.Filter;

/// <summary>Directed addresses: who the other nodes are, and who asked for an address.</summary>
public sealed partial class PacketFilter
{
    /// <summary>
    /// Makes a node's MAC on a guarded interface known: frames can be sent on to it, and what it sends on is recognised. MACs
    /// that it had before are still recognised.
    /// </summary>
    public void SetMember(string interfaceName, int node, MacAddress mac)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            if (_guards.TryGetValue(interfaceName, out InterfaceGuard? guard))
                _loaded.SetMember(guard.Device.Index, node, mac);
        }
    }

    /// <summary>
    /// The clients that asked where a directed address is, as far as this node heard them (questions are broadcast), each with its
    /// MAC and its bucket in the group that decides about entries.
    /// </summary>
    public IReadOnlyList<AddressAsker> Askers(FilterAddress address)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            ulong seed = _plan?.HashSeed ?? 0;
            return [.. _loaded.ReadAskers(address.Address).Select(asker =>
                new AddressAsker(asker.Client, asker.Mac, (int)FilterHash.Bucket(seed, asker.Client, 0, Core.HashInput.Address, 0)))];
        }
    }
}
