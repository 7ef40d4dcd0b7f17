using System.Net;
using System.Text.Json;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>An interface of this machine as iproute2 tells it.</summary>
/// <param name="Index">Kernel's index.</param>
/// <param name="Name">Name.</param>
/// <param name="Mac">Own MAC; zero for interfaces without one.</param>
/// <param name="Kind">Kind of a virtual interface (<c>bridge</c>, <c>veth</c>); empty for others.</param>
/// <param name="Addresses">Addresses on it.</param>
internal sealed record NodeInterface(int Index, string Name, MacAddress Mac, string Kind, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>The bridge, bond or other interface whose port this is; empty if it is nobody's.</summary>
    public string Master { get; init; } = "";

    /// <summary>How a macvlan chooses what it receives; empty for other kinds.</summary>
    public string MacvlanMode { get; init; } = "";

    public static IReadOnlyList<NodeInterface> ReadAll()
    {
        string? error = Tool.Try(out string json, "ip", "-d", "-j", "address", "show");
        if (error is not null)
            throw new SafeKitException(error);
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Where(one => one.TryGetProperty("ifindex", out _)).Select(Read)];
    }

    /// <exception cref="SafeKitException">There is none of that name; says which there are.</exception>
    public static NodeInterface Require(IReadOnlyList<NodeInterface> interfaces, string name) =>
        interfaces.FirstOrDefault(known => known.Name == name)
        ?? throw new SafeKitException($"interface {name} does not exist; this node has " +
            string.Join(", ", interfaces.Select(known => known.Name)));

    private static NodeInterface Read(JsonElement one)
    {
        string mac = Text(one, "address");
        bool isVirtual = one.TryGetProperty("linkinfo", out JsonElement info);
        string kind = isVirtual ? Text(info, "info_kind") : "";
        string mode = kind == "macvlan" && info.TryGetProperty("info_data", out JsonElement data) ? Text(data, "mode") : "";
        IEnumerable<IPAddress> addresses = one.TryGetProperty("addr_info", out JsonElement list)
            ? list.EnumerateArray().Select(address => Text(address, "local")).Where(text => text != "").Select(IPAddress.Parse)
            : [];
        return new NodeInterface(
            one.GetProperty("ifindex").GetInt32(),
            Text(one, "ifname"),
            mac.Length == 17 ? MacAddress.Parse(mac) : default,
            kind,
            [.. addresses])
        {
            Master = Text(one, "master"),
            MacvlanMode = mode,
        };
    }

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement value) ? value.GetString() ?? "" : "";
}
