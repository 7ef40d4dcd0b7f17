namespace SafeKit.Core.Control;

/// <summary>One node and its interface of the virtual address.</summary>
/// <param name="Filter">Where the packet filter sits or could sit, and how it sends on.</param>
/// <param name="ErrorText">Why nothing is known of it; empty when it took part.</param>
public sealed record VipTestNode(string Node, string Interface, string Mac, string Filter, string ErrorText);
