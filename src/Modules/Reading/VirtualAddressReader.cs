using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace SafeKit.Modules;

/// <summary>Reads one <c>&lt;virtual_addr&gt;</c>.</summary>
internal static class VirtualAddressReader
{
    public static VirtualAddress? Read(ElementReader item, ServiceMode mode, AddressResolver resolver)
    {
        var address = resolver.Read(item, "addr");
        if (address is not null && !IsUnicast(address))
        {
            item.Invalid(
                "addr",
                "expected an address that one host can have",
                "loopback, multicast, broadcast and 0.0.0.0 cannot be virtual addresses");
            return null;
        }

        var where = item.Choice("where", mode == ServiceMode.Mirror ? "one_side_alias" : "alias", "alias", "one_side_alias", "one_side") switch
        {
            "one_side_alias" => AddressPlacement.OneSideAlias,
            "one_side" => AddressPlacement.OneSide,
            _ => AddressPlacement.Alias,
        };
        if (where != AddressPlacement.Alias && mode != ServiceMode.Mirror)
            item.Invalid("where", "only mirror modules have one side", "write where=\"alias\"");
        if (item.Has("check") && item.OnOff("check", true))
        {
            item.Findings.Note(
                item.PlaceOf("check"),
                "the address checker (check=\"on\") is not supported yet in this version",
                "an address in use is found when the configuration is applied");
        }

        var check = item.OnOff("check", true);
        var connections = item.OnOff("connections", false);
        if (connections)
            item.NoteNoEffect("connections");
        var prefixLength = ReadMask(item, address);
        return address is null
            ? null
            : new VirtualAddress(
                item.Text("addr").Trim(),
                address,
                where,
                check,
                connections,
                prefixLength,
                item.Place);
    }

    private static bool IsUnicast(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            return false;
        var first = address.GetAddressBytes()[0];
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? first != 0xFF : first is > 0 and < 224;
    }

    /// <summary>A dotted mask as users write it, or a prefix length.</summary>
    private static int? ReadMask(ElementReader item, IPAddress? address)
    {
        if (!item.Has("netmask"))
            return null;
        var text = item.Required("netmask");
        var isVersion6 = address?.AddressFamily == AddressFamily.InterNetworkV6;
        if (int.TryParse(text, out var length) && length >= 1 && length <= (isVersion6 ? 128 : 32))
            return length;
        if (!isVersion6 && AddressResolver.Literal(text) is { AddressFamily: AddressFamily.InterNetwork } mask)
        {
            var bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(mask.GetAddressBytes());
            if (bits != 0 && BitOperations.LeadingZeroCount(~bits) == BitOperations.PopCount(bits))
                return BitOperations.PopCount(bits);
        }

        item.Invalid("netmask", "expected a network mask", "for example 255.255.255.0");
        return null;
    }
}
