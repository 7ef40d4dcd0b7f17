namespace SafeKit.Modules;

/// <summary>What <c>&lt;vip&gt;</c> says.</summary>
public sealed record VipConfiguration(
    bool TcpReset,
    bool ScriptControl,
    bool SynCookies,
    IReadOnlyList<VipInterface> Interfaces,
    IReadOnlyList<LoadBalancingGroup> LoadBalancingGroups,
    SourcePlace Place = default)
{
    public IEnumerable<VirtualAddress> VirtualAddresses => Interfaces.SelectMany(item => item.VirtualAddresses);
}
