using SafeKit.Mirror.Generations;
using static SafeKit.Mirror.Tests.Generations.Chapters;

namespace SafeKit.Mirror.Tests.Generations;

public class LeadDecisionTests
{
    public static TheoryData<GenerationRecord, PeerActivity, GenerationRecord?, LeadAction, string> Table => new()
    {
        // Nobody else is heard.
        { Unknown, PeerActivity.Silent, null, LeadAction.Wait, "safekit prim on the node with the good data" },
        { Alone(A), PeerActivity.Silent, null, LeadAction.Lead, "" },
        { Paired(A), PeerActivity.Silent, null, LeadAction.Wait, "safekit prim here" },
        { WasPrimary(A), PeerActivity.Silent, null, LeadAction.Wait, "safekit prim here" },
        { Outdated(A), PeerActivity.Silent, null, LeadAction.Wait, "safekit prim here" },
        { Inconsistent(A), PeerActivity.Silent, null, LeadAction.Wait, "primforce" },

        // Both wait.
        { Unknown, PeerActivity.Wait, Unknown, LeadAction.Wait, "safekit second on the other" },
        { Unknown, PeerActivity.Wait, Inconsistent(A), LeadAction.Wait, "safekit second on the other" },
        { WasPrimary(A), PeerActivity.Wait, Paired(A), LeadAction.Lead, "" },
        { Paired(A), PeerActivity.Wait, WasPrimary(A), LeadAction.Wait, "" },
        { Paired(A), PeerActivity.Wait, Paired(A), LeadAction.Lead, "" },
        { WasPrimary(A), PeerActivity.Wait, WasPrimary(A), LeadAction.Lead, "" },
        { Alone(B, A), PeerActivity.Wait, Paired(A), LeadAction.Lead, "" },
        { Alone(B, A), PeerActivity.Wait, Outdated(A), LeadAction.Lead, "" },
        { Alone(B, A), PeerActivity.Wait, Unknown, LeadAction.Lead, "" },
        { Alone(B, A), PeerActivity.Wait, Inconsistent(A), LeadAction.Lead, "" },
        { Paired(A), PeerActivity.Wait, Alone(B, A), LeadAction.Wait, "start the module on peer" },
        { Outdated(A), PeerActivity.Wait, Alone(B, A), LeadAction.Wait, "start the module on peer" },
        { Inconsistent(A), PeerActivity.Wait, Paired(A), LeadAction.Wait, "primforce" },
        { Alone(B, A), PeerActivity.Wait, Alone(C, A), LeadAction.Wait, "second fullsync on the other" },
        { Alone(A), PeerActivity.Wait, Alone(B), LeadAction.Wait, "second fullsync on the other" },
        { Outdated(A, B), PeerActivity.Wait, Paired(B), LeadAction.Wait, "safekit prim" },
        { Paired(A), PeerActivity.Wait, Unknown, LeadAction.Wait, "safekit prim" },
        { WasPrimary(A), PeerActivity.Wait, Unknown, LeadAction.Wait, "safekit prim" },
        { WasPrimary(A), PeerActivity.Wait, Inconsistent(A), LeadAction.Lead, "" },
        { WasPrimary(A), PeerActivity.Wait, Inconsistent(B, A), LeadAction.Wait, "safekit prim" },
        { Paired(A), PeerActivity.Wait, Inconsistent(A), LeadAction.Wait, "safekit prim" },
        { Outdated(A), PeerActivity.Wait, Unknown, LeadAction.Wait, "safekit prim" },

        // The other module is stopped, its daemon answers.
        { WasPrimary(A), PeerActivity.Stop, Paired(A), LeadAction.Lead, "" },
        { Paired(A), PeerActivity.Stop, Paired(A), LeadAction.Lead, "" },
        { Paired(A), PeerActivity.Stop, WasPrimary(A), LeadAction.Wait, "start the module on peer" },
        { At(Paired(A), 3, 9), PeerActivity.Stop, At(WasPrimary(A), 3, 9), LeadAction.Lead, "" },
        { At(Paired(A), 3, 8), PeerActivity.Stop, At(WasPrimary(A), 3, 9), LeadAction.Wait, "start the module on peer" },
        { Alone(A), PeerActivity.Stop, null, LeadAction.Lead, "" },
        { Paired(A), PeerActivity.Stop, null, LeadAction.Wait, "start the module on peer" },

        // The other follows: it may be taking over.
        { WasPrimary(A), PeerActivity.Second, Paired(A), LeadAction.Wait, "" },
        { Alone(A), PeerActivity.Second, Paired(A), LeadAction.Wait, "" },
        { Alone(A), PeerActivity.Second, Inconsistent(A), LeadAction.Lead, "" },
        { Alone(B, A), PeerActivity.Second, Outdated(A), LeadAction.Lead, "" },

        // The other leads.
        { Unknown, PeerActivity.Alone, Alone(A), LeadAction.Follow, "" },
        { Unknown, PeerActivity.Alone, null, LeadAction.Follow, "" },
        { Inconsistent(B, A), PeerActivity.Alone, Alone(A), LeadAction.Follow, "" },
        { Paired(A), PeerActivity.Prim, Paired(A), LeadAction.Follow, "" },
        { Paired(A), PeerActivity.Alone, Alone(B, A), LeadAction.Follow, "" },
        { Outdated(A), PeerActivity.Alone, Alone(B, A), LeadAction.Follow, "" },
        { Paired(A), PeerActivity.Alone, null, LeadAction.Wait, "" },
        { Alone(B, A), PeerActivity.Alone, Alone(C, A), LeadAction.Wait, "safekit second fullsync here" },
        { Alone(B, A), PeerActivity.Alone, Alone(A), LeadAction.Wait, "safekit second fullsync here" },
        { Alone(A), PeerActivity.Alone, Alone(B), LeadAction.Wait, "safekit second fullsync here" },
        { Alone(A), PeerActivity.Prim, Unknown, LeadAction.Wait, "safekit second fullsync here" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void EveryStartHasItsAction(
        GenerationRecord own, PeerActivity activity, GenerationRecord? peer, LeadAction expected, string typed)
    {
        LeadVerdict verdict = LeadDecision.Decide("node", own, new PeerSight("peer", activity, peer));

        Assert.Equal(expected, verdict.Action);
        Assert.NotEmpty(verdict.Rule);
        if (typed.Length == 0)
            Assert.Empty(verdict.Remedy);
        else
            Assert.Contains(typed, verdict.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void OfTwoWaitingNodesAtMostOneLeads()
    {
        foreach ((GenerationRecord own, GenerationRecord peer) in AllPairs())
        {
            LeadVerdict one = LeadDecision.Decide("n1", own, new PeerSight("n2", PeerActivity.Wait, peer));
            LeadVerdict other = LeadDecision.Decide("n2", peer, new PeerSight("n1", PeerActivity.Wait, own));
            Assert.False(one.Action == LeadAction.Lead && other.Action == LeadAction.Lead, $"{own} and {peer}");
        }
    }

    [Fact]
    public void UnusableAndOutdatedDataNeverLeads()
    {
        foreach ((GenerationRecord own, GenerationRecord peer) in AllPairs().Where(p => p.Own.Standing is not (DataStanding.Alone or DataStanding.Paired)))
        {
            foreach (PeerActivity activity in Enum.GetValues<PeerActivity>())
            {
                GenerationRecord? seen = activity == PeerActivity.Silent ? null : peer;
                Assert.NotEqual(LeadAction.Lead, LeadDecision.Decide("n1", own, new PeerSight("n2", activity, seen)).Action);
            }
        }
    }

    [Fact]
    public void NobodyFollowsWhoDoesNotLead()
    {
        foreach ((GenerationRecord own, GenerationRecord peer) in AllPairs())
        {
            foreach (PeerActivity activity in new[] { PeerActivity.Silent, PeerActivity.Stop, PeerActivity.Wait, PeerActivity.Second })
                Assert.NotEqual(LeadAction.Follow, LeadDecision.Decide("n1", own, new PeerSight("n2", activity, peer)).Action);
        }
    }

    [Fact]
    public void OfTwoLeadersThatMeetExactlyOneStays()
    {
        FormerRole[] roles = Enum.GetValues<FormerRole>();
        foreach ((GenerationRecord own, GenerationRecord peer) in AllPairs())
        {
            foreach ((FormerRole ownRole, FormerRole peerRole) in roles.SelectMany(o => roles.Select(p => (o, p))))
            {
                LeadVerdict one = LeadDecision.DecideMeeting("n1", own, ownRole, "n2", peer, peerRole);
                LeadVerdict other = LeadDecision.DecideMeeting("n2", peer, peerRole, "n1", own, ownRole);
                Assert.True((one.Action == LeadAction.Lead) != (other.Action == LeadAction.Lead), $"{own} {ownRole} and {peer} {peerRole}");
            }
        }
    }

    [Fact]
    public void TheFormerPrimaryStaysAndTheFormerSecondaryExits()
    {
        LeadVerdict primary = LeadDecision.DecideMeeting("z", Alone(B, A), FormerRole.Primary, "a", Alone(C, A), FormerRole.Secondary);
        LeadVerdict secondary = LeadDecision.DecideMeeting("a", Alone(C, A), FormerRole.Secondary, "z", Alone(B, A), FormerRole.Primary);

        Assert.Equal((LeadAction.Lead, "staying alone: former primary"), (primary.Action, primary.Rule));
        Assert.Equal((LeadAction.Wait, "exiting alone: former secondary"), (secondary.Action, secondary.Rule));
    }

    [Fact]
    public void ALeaderWhoseDataTheOtherHasYieldsWhateverItWas()
    {
        LeadVerdict ancestor = LeadDecision.DecideMeeting("a", Alone(A), FormerRole.Primary, "z", Alone(B, A), FormerRole.Secondary);

        Assert.Equal(LeadAction.Wait, ancestor.Action);
        Assert.StartsWith("exiting alone", ancestor.Rule, StringComparison.Ordinal);
    }

    private static GenerationRecord WasPrimary(Guid current) => Paired(current) with { WasPrimary = true };

    private static GenerationRecord At(GenerationRecord record, ulong epoch, ulong sequence) =>
        record with { Epoch = epoch, AppliedSequence = sequence };
}
