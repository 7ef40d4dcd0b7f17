using SafeKit.Core.Control;

namespace SafeKit.Daemon.Probing;

/// <summary>
/// From what nodes sent and received to a verdict for each mode, and one recommendation. A finding counts more than a gap: a mode that was
/// seen to fail between two nodes fails, whoever did not answer; only what nobody was seen to miss waits for those.
/// </summary>
public static class ProbeJudge
{
    public const string Invisible = "vmac_invisible";
    public const string Directed = "vmac_directed";

    /// <summary>Pairs of nodes that a reason names; the table has them all.</summary>
    private const int NamedMax = 6;

    /// <param name="isDirected">What is configured.</param>
    /// <param name="nodes">All nodes of the cluster.</param>
    /// <param name="paths">Every pair of nodes that took part.</param>
    public static ProbeJudgement Judge(bool isDirected, IReadOnlyList<ProbedNode> nodes, IReadOnlyList<VipTestPath> paths)
    {
        var invisible = JudgeInvisible(nodes, paths);
        var directed = JudgeDirected(nodes, paths);
        var configured = isDirected ? directed : invisible;
        var other = isDirected ? invisible : directed;
        return new ProbeJudgement([invisible, directed], Recommend(configured, other), configured.Verdict == VipTestVerdict.Works);
    }

    /// <summary>Whether promiscuous mode might receive what was not: worth another try, since the remedies differ.</summary>
    public static bool NeedsPromiscuous(IReadOnlyList<VipTestPath> paths) => paths.Any(p => !p.Unknown && (p.Own || p.Broadcast));

    private static VipTestVerdict JudgeInvisible(IReadOnlyList<ProbedNode> nodes, IReadOnlyList<VipTestPath> paths)
    {
        var unknown = paths.Where(p => !p.Unknown).ToList();
        var narrow = unknown.Where(p => p.Promiscuous == true).ToList();
        var learned = paths.Where(p => p.Unknown && !p.Virtual).ToList();
        var macs = nodes.Where(n => n.Seat is not null).GroupBy(n => n.Seat!.VirtualMac).ToList();
        return Interfaces(Invisible, nodes, seat => seat.InvisibleProblem)
            ?? (macs.Count > 1 ? Fails(Invisible, "same-configuration", $"the nodes' configurations name different virtual MACs: {Macs(macs)}; apply the same configuration on every node") : null)
            ?? Separate(Invisible, paths)
            ?? (narrow.Count > 0 ? Fails(Invisible, "promiscuous", $"frames for another MAC than the machine's own arrive only in promiscuous mode ({Pairs(narrow)}): the card or the hypervisor does not heed a second MAC; put the interface into promiscuous mode at every boot (ip link set dev NAME promisc on), or use {Directed}") : null)
            ?? (unknown.Count > 0 ? Fails(Invisible, "flooding", $"frames for a unicast MAC that the switch never learned do not arrive ({Pairs(unknown)}); let the switch flood unknown unicast on these ports, on a hypervisor allow promiscuous mode for these machines, or use {Directed}") : null)
            ?? (learned.Count > 0 ? Fails(Invisible, "mac-learned", $"frames for the virtual MAC do not arrive although those for other unknown MACs do ({Pairs(learned)}): the switch has an entry for it, so some machine sends with it or somebody has configured it; find it in the switch's table, or choose another one (<virtual_interface addr=\"...\">)") : null)
            ?? Unreached(Invisible, nodes)
            ?? new VipTestVerdict(Invisible, VipTestVerdict.Works, "every node receives what is sent to an unknown MAC and to the virtual MAC, from every other node", "received");
    }

    private static VipTestVerdict JudgeDirected(IReadOnlyList<ProbedNode> nodes, IReadOnlyList<VipTestPath> paths)
    {
        var own = paths.Where(p => !p.Own).ToList();
        return Interfaces(Directed, nodes, seat => seat.DirectedProblem)
            ?? Separate(Directed, paths)
            ?? (own.Count > 0 ? Fails(Directed, "own-mac", $"frames for a node's own MAC do not arrive although broadcasts do ({Pairs(own)}); let these ports exchange unicast frames (port security, private VLAN)") : null)
            ?? Unreached(Directed, nodes)
            ?? new VipTestVerdict(Directed, VipTestVerdict.Works, "every node receives what is sent to its own MAC, from every other node", "received");
    }

    private static VipTestVerdict? Interfaces(string mode, IReadOnlyList<ProbedNode> nodes, Func<ProbeSeat, string> problemOf)
    {
        var refused = nodes.Where(n => n.Seat is { } seat && problemOf(seat).Length > 0).ToList();
        return refused.Count > 0
            ? Fails(mode, "interface", string.Join("; ", refused.Select(n => $"{n.Name}: {problemOf(n.Seat!)}")))
            : null;
    }

    private static VipTestVerdict? Separate(string mode, IReadOnlyList<VipTestPath> paths)
    {
        var separate = paths.Where(p => p is { Broadcast: false, Own: false }).ToList();
        return separate.Count > 0
            ? Fails(mode, "same-network", $"nothing arrives ({Pairs(separate)}); are these interfaces in one network (the same VLAN, no isolated ports), and are their cables plugged in?")
            : null;
    }

    private static VipTestVerdict? Unreached(string mode, IReadOnlyList<ProbedNode> nodes)
    {
        var missing = nodes.Where(n => n.Seat is null).ToList();
        if (missing.Count == 0)
            return null;
        var named = string.Join("; ", missing.Select(n => $"{n.Name}: {n.ErrorText}"));
        return new VipTestVerdict(mode, VipTestVerdict.NotKnown, "not every node took part: " + named, "unreached");
    }

    private static string Recommend(VipTestVerdict configured, VipTestVerdict other) => (configured.Verdict, other.Verdict) switch
    {
        (VipTestVerdict.Works, _) => $"keep {configured.Mode}: it is configured, and it works on this network",
        (VipTestVerdict.NotKnown, _) => $"keep {configured.Mode} for now: nothing speaks against it so far; test again when every node answers",
        (_, VipTestVerdict.Works) => $"use {other.Mode}: <virtual_interface type=\"{other.Mode}\">",
        (_, VipTestVerdict.NotKnown) =>
            $"use {other.Mode} (<virtual_interface type=\"{other.Mode}\">), as far as could be tested; test again when every node answers",
        _ => "neither mode works as the network is: mend what is named above, or put a load balancer in front of the farm",
    };

    private static VipTestVerdict Fails(string mode, string rule, string reason) => new(mode, VipTestVerdict.Fails, reason, rule);

    private static string Pairs(IReadOnlyList<VipTestPath> paths)
    {
        var named = string.Join(", ", paths.Take(NamedMax).Select(p => $"{p.Sender} to {p.Receiver}"));
        return paths.Count > NamedMax ? $"{named} and {paths.Count - NamedMax} more" : named;
    }

    private static string Macs(IEnumerable<IGrouping<string, ProbedNode>> macs) =>
        string.Join(", ", macs.Select(g => $"{g.Key} on {string.Join(" and ", g.Select(n => n.Name))}"));
}
