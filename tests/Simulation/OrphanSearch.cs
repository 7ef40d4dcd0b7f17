using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>What the daemon of a node does beside its membership: it asks the others about connections whose packets its filter holds back.</summary>
internal sealed class OrphanSearch(Cluster cluster, SimulatedNode node, SimulationRandom random)
{
    private const long MsNs = 1_000_000;
    private readonly OrphanRule _rule = new(cluster.Options.Mistake);

    public void Schedule() => cluster.At(cluster.NowNs + random.Range(150 * MsNs, 200 * MsNs), () =>
    {
        Ask();
        Schedule();
    });

    private void Ask()
    {
        if (node.Core is not { } asking || node.Paused || node.Active is not { } view || node.Promised != view)
            return;
        SimulatedConnection[] held = node.Filter.ReadHeld();
        if (held.Length == 0)
            return;
        uint generation = node.Filter.Generation;
        string name = OrphanRule.NameOf(view)!;
        var answers = new List<IReadOnlyList<bool>?>();
        foreach (ViewMember member in view.Members)
        {
            SimulatedNode other = cluster.Nodes[member.Node.Index];
            if (other != node)
                cluster.At(cluster.NowNs + Delay(), () => answers.Add(AnswerOf(other, name, held)));
        }

        // All have answered by then, or will not.
        cluster.At(cluster.NowNs + (2 * cluster.Options.DelayNsMax), () =>
        {
            if (node.Core != asking || node.Paused)
                return;
            foreach (int i in _rule.Find(name, OrphanRule.NameOf(node.Promised), held.Length, answers))
            {
                node.Filter.MarkOrphan(held[i], generation);
                node.Changed = true;
            }
        });
    }

    private long Delay() => random.Range(cluster.Options.DelayNsMin, cluster.Options.DelayNsMax);

    /// <summary>Null if it does not answer.</summary>
    private IReadOnlyList<bool>? AnswerOf(SimulatedNode other, string view, SimulatedConnection[] held)
    {
        bool answers = other.Core is not null && !other.Paused
            && cluster.Network.Reaches(node.Index, other.Index) && cluster.Network.Reaches(other.Index, node.Index);
        if (!answers)
            return null;
        bool hidden = other.Connections.Exists(connection => connection.VisibleNs > cluster.NowNs);
        return _rule.Answer(
            OrphanRule.NameOf(other.Promised),
            view,
            held.Length,
            hidden,
            i => held[i].VisibleNs <= cluster.NowNs && other.Connections.Contains(held[i]));
    }
}
