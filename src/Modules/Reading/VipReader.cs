using System.Net.NetworkInformation;

namespace SafeKit.Modules;

/// <summary>Reads <c>&lt;vip&gt;</c>: interfaces and what they carry.</summary>
internal static class VipReader
{
    public static VipConfiguration Read(ElementReader vip, ServiceMode mode, AddressResolver resolver)
    {
        var interfaces = vip.Element.Child("interface_list")?.ChildrenNamed("interface") ?? [];
        var groups = vip.Element.Child("loadbalancing_list")?.ChildrenNamed("group") ?? [];
        List<VipInterface> carriers = [.. interfaces.Select(element => ReadInterface(new ElementReader(element, vip.Findings), mode, resolver))];
        var isDirected = carriers.Exists(item => item.VirtualInterfaces.Any(one => one.Type == VirtualInterfaceType.VmacDirected));
        var configuration = new VipConfiguration(
            vip.OnOff("tcpreset", true),
            ReadScriptControl(vip, mode),
            vip.OnOff("syncookies", true),
            carriers,
            [.. groups.Select(element => LoadBalancingReader.ReadGroup(new ElementReader(element, vip.Findings), resolver, isDirected))],
            vip.Place);
        if (!configuration.VirtualAddresses.Any() && !vip.Findings.HasErrors)
            vip.Findings.Error(
                vip.Place,
                "<vip> holds no virtual address",
                "add <interface_list><interface><virtual_interface><virtual_addr addr=\"...\"/>...");
        return configuration;
    }

    private static bool ReadScriptControl(ElementReader vip, ServiceMode mode)
    {
        var scriptControl = vip.OnOff("scriptcontrol", false);
        if (scriptControl && mode == ServiceMode.Mirror)
            vip.NoteNoEffect("scriptcontrol");
        return scriptControl && mode != ServiceMode.Mirror;
    }

    private static VipInterface ReadInterface(ElementReader item, ServiceMode mode, AddressResolver resolver)
    {
        if (item.Has("check") && item.OnOff("check", true))
        {
            item.Findings.Note(
                item.PlaceOf("check"),
                "the interface checker (check=\"on\") is not supported yet in this version",
                "the farm's heartbeats notice a lost network");
        }

        var arpReroute = item.OnOff("arpreroute", false);
        if (arpReroute)
            item.NoteNoEffect("arpreroute");
        return new VipInterface(
            item.Has("name") ? item.Required("name") : null,
            item.OnOff("check", true),
            arpReroute,
            item.Time("arpinterval", TimeUnit.Second, 1) ?? 60,
            item.Time("arpelapse", TimeUnit.Second) ?? 1200,
            [.. item.Element.ChildrenNamed("virtual_interface").Select(
                element => ReadVirtualInterface(new ElementReader(element, item.Findings), mode, resolver))],
            [.. item.Element.ChildrenNamed("real_interface").Select(
                element => ReadRealInterface(new ElementReader(element, item.Findings), mode, resolver))],
            item.Place);
    }

    private static VirtualInterface ReadVirtualInterface(ElementReader item, ServiceMode mode, AddressResolver resolver)
    {
        if (!item.Has("type"))
            item.Findings.Note(item.Place, "no type given: vmac_invisible is taken", "write type=\"vmac_invisible\"");
        var isDirected = item.Choice("type", "vmac_invisible", "vmac_directed", "vmac_invisible") == "vmac_directed";
        if (isDirected && mode == ServiceMode.Mirror)
        {
            item.Findings.Error(
                item.PlaceOf("type"),
                "type=\"vmac_directed\" shares an address between nodes: in a mirror one node has it alone",
                "use <real_interface>, or type=\"vmac_invisible\"");
        }

        if (isDirected && item.Has("addr"))
            item.NoteNoEffect("addr");
        var type = isDirected ? VirtualInterfaceType.VmacDirected : VirtualInterfaceType.VmacInvisible;
        return new VirtualInterface(type, ReadMac(item), ReadAddresses(item, mode, resolver), item.Place);
    }

    private static PhysicalAddress? ReadMac(ElementReader item)
    {
        if (!item.Has("addr"))
            return null;
        var text = item.Required("addr").Replace(':', '-');
        if (text.Length != 17 || !PhysicalAddress.TryParse(text.ToUpperInvariant(), out var mac))
        {
            item.Invalid("addr", "expected a MAC address", "for example 5A:FE:C0:A8:01:0A, or leave it out");
            return null;
        }

        var bytes = mac.GetAddressBytes();
        if ((bytes[0] & 1) == 0 && bytes.Any(b => b != 0))
            return mac;
        item.Invalid(
            "addr",
            "expected a unicast MAC address (first byte even, not all zero)",
            "for example 5A:FE:C0:A8:01:0A, or leave it out");
        return null;
    }

    private static RealInterface ReadRealInterface(ElementReader item, ServiceMode mode, AddressResolver resolver)
    {
        if (mode != ServiceMode.Mirror)
        {
            item.Findings.Error(
                item.Place,
                "<real_interface> serves mirror modules: in a farm it would put one address on every node",
                "use <virtual_interface type=\"vmac_invisible\">");
        }

        return new RealInterface(ReadAddresses(item, mode, resolver), item.Place);
    }

    private static List<VirtualAddress> ReadAddresses(ElementReader parent, ServiceMode mode, AddressResolver resolver)
    {
        var addresses = new List<VirtualAddress>();
        foreach (var element in parent.Element.ChildrenNamed("virtual_addr"))
        {
            if (VirtualAddressReader.Read(new ElementReader(element, parent.Findings), mode, resolver) is { } address)
                addresses.Add(address);
        }

        if (addresses.Count == 0 && parent.Element.Child("virtual_addr") is null)
            parent.Findings.Error(
                parent.Place,
                $"<{parent.Element.Name}> holds no <virtual_addr>",
                "add <virtual_addr addr=\"...\"/>");
        return addresses;
    }
}
