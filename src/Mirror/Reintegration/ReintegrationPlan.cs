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
/// <item>Its disk has a checkpoint since which every change is marked, here and, where it was primary, there: what is marked is compared.</item>
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
            return Compare(hello, position, "no journal was kept");
        if (position.GivenUp is { } reason)
            return Compare(hello, position, reason);
        if (hello.MapEpoch == position.Epoch)
            return DecideSurvivor(hello, position);
        if (verdict.Relation == GenerationRelation.PeerUnusable)
            return Compare(hello, position, verdict.Rule);
        return StartsAtBase(hello.Record, position)
            ? Changes(position, 1, keepsMap: false, "it left in good order where the journal begins")
            : Compare(hello, position, $"{verdict.Rule}, and it did not leave where the journal begins");
    }

    private static ReintegrationDecision DecideSurvivor(Hello hello, RecorderPosition position)
    {
        if (hello.MapSequence > position.LastSequence)
            return Compare(hello, position, "it has applied operations that are not known here");
        return hello.MapSequence + 1 < position.FirstSequence
            ? Compare(hello, position, "the journal does not reach back to what it has applied")
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

    /// <summary>
    /// What its disk may have since the checkpoint differs from here only where something was changed here since then, or half changed by a
    /// comparison that was interrupted: all of that is marked, whatever its record says.
    /// </summary>
    /// <param name="why">No journal can help.</param>
    private static ReintegrationDecision Compare(Hello hello, RecorderPosition position, string why)
    {
        var kept = new Checkpoint(hello.CheckpointEpoch, hello.CheckpointSequence);
        MarksPosition marks = position.Marks;
        if (kept.IsNone)
            return Survey($"{why}; {(hello.CheckpointProblem.Length > 0 ? hello.CheckpointProblem : "it has no checkpoint")}");
        bool isAsked = kept == marks.Asked;
        if (!isAsked && kept != marks.Confirmed)
            return Survey($"{why}; its checkpoint is not known here");
        string? givenUp = isAsked ? marks.GivenUpSinceAsked : marks.GivenUp;
        return givenUp is not null
            ? Survey($"{why}; the marks were given up: {givenUp}")
            : new(
                ReintegrationKind.Marked,
                1,
                false,
                $"{why}; since checkpoint {kept.Sequence} of its disk {marks.Files} files, {marks.Directories} directories and "
                    + $"{marks.Bytes >> 20} MiB are marked{(hello.HasOwnMarks ? ", and what it changed as primary" : "")}");
    }

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
