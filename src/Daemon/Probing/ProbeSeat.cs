namespace SafeKit.Daemon.Probing;

/// <summary>What a node says of itself in a test.</summary>
/// <param name="Interface">Its interface of the virtual address.</param>
/// <param name="Mac">That interface's own MAC.</param>
/// <param name="VirtualMac">The virtual MAC by its configuration.</param>
/// <param name="Filter">Where the packet filter sits or could sit, and how it sends on.</param>
/// <param name="InvisibleProblem">Why vmac_invisible cannot work here whatever the network does; empty if it can.</param>
/// <param name="DirectedProblem">The same of vmac_directed.</param>
public sealed record ProbeSeat(
    string Interface, string Mac, string VirtualMac, string Filter, string InvisibleProblem, string DirectedProblem);
