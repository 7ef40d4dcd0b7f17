using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>Steps that nodes and clients share when they are connected.</summary>
internal static class Machine
{
    // Duplicate address detection would keep an address silent for a second or two, router solicitations would teach
    // the switch addresses at moments that no test expects.
    private static readonly string[] _quiet =
    [
        "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
        "net.ipv6.conf.default.dad_transmits=0",
        "net.ipv6.conf.all.accept_ra=0", "net.ipv6.conf.default.accept_ra=0",
        "net.ipv6.conf.default.autoconf=0", "net.ipv6.conf.default.router_solicitations=0",
    ];

    public static Task CalmAsync(NamespaceHolder holder) =>
        Command.MustRunAsync(holder.OnNetwork(["sysctl", "-q", "-w", .. _quiet]));

    public static Task AddressAsync(NamespaceHolder holder, string interfaceName, string address4, string? address6) =>
        holder.IpAsync(
        [
            $"addr add {address4}/24 dev {interfaceName}",
            .. address6 is null ? Array.Empty<string>() : [$"addr add {address6}/64 dev {interfaceName} nodad"],
            $"link set {interfaceName} up",
        ]);
}
