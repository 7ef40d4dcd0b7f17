namespace SafeKit.Modules;

/// <summary>
/// A network interface that carries virtual addresses; without a name it is found by the addresses' network.
/// </summary>
public sealed record VipInterface(
    string? Name,
    bool Check,
    bool ArpReroute,
    int ArpIntervalSeconds,
    int ArpElapseSeconds,
    IReadOnlyList<VirtualInterface> VirtualInterfaces,
    IReadOnlyList<RealInterface> RealInterfaces,
    SourcePlace Place = default)
{
    public IEnumerable<VirtualAddress> VirtualAddresses =>
        VirtualInterfaces.SelectMany(item => item.VirtualAddresses)
            .Concat(RealInterfaces.SelectMany(item => item.VirtualAddresses));
}
