using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace SafeKit.Modules;

/// <summary>
/// Turns what an attribute says into an address: a literal, <c>[IPv6]</c>, or a name that the host can resolve.
/// </summary>
internal sealed partial class AddressResolver(Func<string, IPAddress[]>? resolve)
{
    private readonly Func<string, IPAddress[]> _resolve = resolve ?? Dns.GetHostAddresses;
    private readonly Dictionary<string, IPAddress?> _known = [];

    public IPAddress? Read(ElementReader reader, string attribute)
    {
        var text = reader.Required(attribute);
        if (text.Length == 0)
            return null;
        if (Literal(text) is { } literal)
            return literal;
        if (!IsName(reader, attribute, text))
            return null;
        if (!_known.TryGetValue(text, out var address))
            _known[text] = address = Resolve(text);
        if (address is null)
            reader.Invalid(
                attribute,
                "this name cannot be resolved",
                "write the address, or add the name to /etc/hosts on every node");
        return address;
    }

    /// <summary>For an address that is resolved later, each time that it is used.</summary>
    public static string ReadUnresolved(ElementReader reader, string attribute)
    {
        var text = reader.Required(attribute);
        return text.Length == 0 || Literal(text) is not null || IsName(reader, attribute, text) ? text : "";
    }

    private static bool IsName(ElementReader reader, string attribute, string text)
    {
        if (HostName().IsMatch(text) && !text.All(c => char.IsAsciiDigit(c) || c == '.'))
            return true;
        reader.Invalid(
            attribute,
            "expected an IPv4 address, an IPv6 address or a host name",
            "for example 192.168.1.10");
        return false;
    }

    /// <summary>Strict: "1" or "10.1" are addresses for the C library, and typing errors for everybody else.</summary>
    public static IPAddress? Literal(string text)
    {
        var bare = text is ['[', .., ']'] ? text[1..^1] : text;
        if (!IPAddress.TryParse(bare, out var address))
            return null;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return text.Contains('%') ? null : address;
        return address.ToString() == text ? address : null;
    }

    private IPAddress? Resolve(string name)
    {
        try
        {
            var addresses = _resolve(name);
            return Array.Find(addresses, address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_]([A-Za-z0-9_\-]{0,62}\.?){1,10}\z", RegexOptions.NonBacktracking)]
    private static partial Regex HostName();
}
