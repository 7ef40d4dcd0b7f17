using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>
/// Refuses interfaces on which a virtual address would be announced and yet never served: frames for a MAC that is not the interface's own
/// do not arrive there, or another interface takes them away. Bridges, bonds and VLAN sub-interfaces serve.
/// </summary>
internal static class InterfaceCheck
{
    /// <summary>A port of these hands its frames to them; of others (vrf) it keeps them.</summary>
    private static readonly string[] _takers = ["bridge", "bond", "team", "openvswitch"];

    /// <param name="device">What is to carry addresses.</param>
    /// <param name="interfaces">All of the node.</param>
    /// <param name="usesVirtualMac">Some address there has a MAC of its own; otherwise all frames come to the interface's.</param>
    /// <exception cref="SafeKitException">Says why, and which interface to name instead.</exception>
    public static void Check(NodeInterface device, IReadOnlyList<NodeInterface> interfaces, bool usesVirtualMac)
    {
        string place = $"interface {device.Name} cannot carry a virtual address";
        if (device.Mac.Value == 0)
            throw new SafeKitException($"{place}: it is not Ethernet, it has no MAC address; name an Ethernet interface in <interface name=\"...\">");
        NodeInterface? master = interfaces.FirstOrDefault(one => one.Name == device.Master);
        if (master is not null && _takers.Contains(master.Kind))
            throw new SafeKitException($"{place}: it is a port of the {master.Kind} {master.Name}, which takes its frames; " +
                $"write <interface name=\"{master.Name}\">");
        if (device.Kind is "ipvlan" || (usesVirtualMac && device.Kind == "macvlan" && device.MacvlanMode != "passthru"))
            throw new SafeKitException($"{place}: a {device.Kind} receives no frames for the virtual MAC; name the interface " +
                "that it lies on" + (device.Kind == "macvlan" ? ", or make it of mode passthru" : ""));
    }
}
