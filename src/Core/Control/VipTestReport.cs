namespace SafeKit.Core.Control;

/// <summary>Which modes work for one virtual interface of a farm module, as the nodes themselves have tried.</summary>
/// <param name="Address">Its first virtual address.</param>
/// <param name="VirtualMac">The MAC that vmac_invisible uses, or would use.</param>
/// <param name="Configured">The mode that the configuration in force says.</param>
/// <param name="Paths">Every pair of nodes that answered.</param>
/// <param name="Modes">A verdict for each mode.</param>
/// <param name="Recommendation">One sentence.</param>
/// <param name="Ok">Whether the configured mode was seen to work.</param>
public sealed record VipTestReport(
    string Module,
    string Address,
    string VirtualMac,
    string Configured,
    IReadOnlyList<VipTestNode> Nodes,
    IReadOnlyList<VipTestPath> Paths,
    IReadOnlyList<VipTestVerdict> Modes,
    string Recommendation,
    bool Ok);
