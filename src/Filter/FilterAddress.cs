using System.Net;

namespace SafeKit.Filter;

/// <summary>A virtual address, the interface that carries it, the MAC that answers for it, and its rules in order.</summary>
public sealed record FilterAddress(
    IPAddress Address,
    string Interface,
    MacAddress VirtualMac,
    IReadOnlyList<FilterRule> Rules)
{
    /// <summary>The own MAC answers, and what is another node's is sent on to it. Then the virtual MAC is the interface's own.</summary>
    public bool IsDirected { get; init; }

    /// <summary>Directed: number of this node in the cluster.</summary>
    public int Self { get; init; }

    /// <summary>
    /// The filter answers SYNs in the kernel's place, with its cookies, where the kernel would answer with cookies and they are very many.
    /// </summary>
    public bool AnswersSyns { get; init; }

    /// <summary>Directed: the group that says who answers whom, by its place in the plan; null without any rule.</summary>
    public int? EntryGroup => (Rules.FirstOrDefault(rule => rule.Protocol == RuleProtocol.Arp) ?? Rules.FirstOrDefault())?.Group;
}
