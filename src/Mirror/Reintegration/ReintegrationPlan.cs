using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Reintegration;

/// <summary>
/// How a node that connects is brought up to date. Pure. The first rule that applies decides:
/// <list type="number">
/// <item>The administrator asked for everything to be copied, here or there: everything is copied.</item>
/// <item>It has changes that are not here, or nothing in common with this node: refused.</item>
/// <item>Its process has survived a lost connection: it knows the files of the present epoch and what it has applied, and goes on behind that,
/// if the journal reaches back
/// so far.</item>
/// <item>It left in good order at exactly the state with which the present epoch began: it gets the journal from its start.</item>
/// <item>Otherwise everything is compared.</item>
/// </list>
/// </summary>
public static class ReintegrationPlan
{
    /// <param name="verdict">Of this node's record and the other's, in this order.</param>
    /// <param name="copiesWhole">This node leads by an order to copy everything, and has not done so yet.</param>
    public static ReintegrationDecision Decide(GenerationVerdict verdict, Hello hello, RecorderPosition position, bool copiesWhole)
    {
        if (copiesWhole)
            return new(ReintegrationKind.Full, 1, false, "a full copy was ordered on the primary");
        if (hello.Full)
            return new(ReintegrationKind.Full, 1, false, "a full copy was ordered on the secondary");
        return verdict.Relation switch
        {
            GenerationRelation.Same or GenerationRelation.OwnIsNewer or GenerationRelation.PeerUnusable => DecideAccepted(verdict, hello, position),
            GenerationRelation.PeerIsNewer => Refuse(verdict, hello.Node, "has newer data"),
            _ => Refuse(verdict, hello.Node, "has changes that are not here"),
        };
    }

    private static ReintegrationDecision DecideAccepted(GenerationVerdict verdict, Hello hello, RecorderPosition position)
    {
        if (position.Epoch == 0)
            return Survey("no journal was kept");
        if (position.GivenUp is { } reason)
            return Survey(reason);
        if (hello.MapEpoch == position.Epoch)
            return DecideSurvivor(hello, position);
        if (verdict.Relation == GenerationRelation.PeerUnusable)
            return Survey(verdict.Rule);
        return StartsAtBase(hello.Record, position)
            ? Changes(position, 1, keepsMap: false, "it left in good order where the journal begins")
            : Survey($"{verdict.Rule}, and it did not leave where the journal begins");
    }

    private static ReintegrationDecision DecideSurvivor(Hello hello, RecorderPosition position)
    {
        if (hello.MapSequence > position.LastSequence)
            return Survey("it has applied operations that are not known here");
        return hello.MapSequence + 1 < position.FirstSequence
            ? Survey("the journal does not reach back to what it has applied")
            : Changes(position, hello.MapSequence + 1, keepsMap: true, "it goes on where the connection was lost");
    }

    private static ReintegrationDecision Changes(RecorderPosition position, ulong first, bool keepsMap, string rule)
    {
        bool missesNothing = first == position.LastSequence + 1 && !position.HasDirty;
        return new(missesNothing ? ReintegrationKind.None : ReintegrationKind.Changes, first, keepsMap, rule);
    }

    private static bool StartsAtBase(GenerationRecord record, RecorderPosition position) =>
        position.FirstSequence == 1
        && position.BaseEpoch != 0
        && position.BaseSequence != 0
        && record.Epoch == position.BaseEpoch
        && record.AppliedSequence == position.BaseSequence;

    private static ReintegrationDecision Survey(string rule) => new(ReintegrationKind.Survey, 1, false, rule);

    /// <summary>The remedy is read on the node that is refused, and names the nodes therefore.</summary>
    private static ReintegrationDecision Refuse(GenerationVerdict verdict, string node, string what) => new(
        ReintegrationKind.None,
        0,
        false,
        $"{node} {what}: {verdict.Rule}",
        $"safekit second fullsync on {node}: the changes that only it has are given up; "
            + $"or safekit stop on the present primary, then safekit prim on {node}");
}
