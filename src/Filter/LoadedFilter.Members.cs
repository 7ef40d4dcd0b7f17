using System.Net;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>The maps of directed addresses that are hashes: MACs of the nodes, and the clients that asked for an address.</summary>
internal sealed unsafe partial class LoadedFilter
{
    /// <summary>
    /// Makes a node's MAC on an interface known. First whose MAC it is, then where to send: whoever can send to a node is
    /// recognised by it. What a node had before is still recognised.
    /// </summary>
    public void SetMember(int ifindex, int node, MacAddress mac)
    {
        var back = new MacKey { Ifindex = (uint)ifindex };
        mac.Write(back.Mac);
        uint number = (uint)node;
        Update("member_macs", &back, &number);
        var key = new MemberKey { Ifindex = (uint)ifindex, Node = number };
        var value = default(MemberMac);
        mac.Write(value.Mac);
        Update("members", &key, &value);
    }

    /// <summary>The clients that asked where the address is, each with its MAC.</summary>
    public List<(IPAddress Client, MacAddress Mac)> ReadAskers(IPAddress address)
    {
        int map = _fdOf("askers");
        (ulong high, ulong low, byte family) = PlanWriter.Key(address);
        var askers = new List<(IPAddress, MacAddress)>();
        AskerKey key = default;
        AskerKey* previous = null;
        // An entry that goes while the map is walked starts the walk anew; so the walk is bounded.
        for (int i = 0; i < SharedLimits.AskersMax && LibBpf.bpf_map_get_next_key(map, previous, &key) == 0; i++)
        {
            previous = &key;
            MemberMac value;
            AskerKey found = key;
            if (found.AddressHigh == high && found.AddressLow == low && LibBpf.bpf_map_lookup_elem(map, &found, &value) == 0)
                askers.Add((PlanWriter.Address(found.ClientHigh, found.ClientLow, family), MacAddress.Read(value.Mac)));
        }
        return askers;
    }

    private void Update(string map, void* key, void* value)
    {
        if (LibBpf.bpf_map_update_elem(_fdOf(map), key, value, 0) != 0)
            throw new SafeKitException(Errno.Describe($"tell the packet filter a node's MAC ({map})", Marshal.GetLastPInvokeError()));
    }
}
