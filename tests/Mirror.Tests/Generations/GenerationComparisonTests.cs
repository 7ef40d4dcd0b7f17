using SafeKit.Mirror.Generations;
using static SafeKit.Mirror.Tests.Generations.Chapters;

namespace SafeKit.Mirror.Tests.Generations;

public class GenerationComparisonTests
{
    public static TheoryData<GenerationRecord, GenerationRecord, GenerationRelation, Guid> Table => new()
    {
        { Unknown, Unknown, GenerationRelation.NeitherUsable, Guid.Empty },
        { Unknown, Inconsistent(A), GenerationRelation.NeitherUsable, Guid.Empty },
        { Inconsistent(A), Inconsistent(A), GenerationRelation.NeitherUsable, Guid.Empty },
        { Unknown, Paired(A), GenerationRelation.OwnUnusable, Guid.Empty },
        { Inconsistent(A), Paired(A), GenerationRelation.OwnUnusable, Guid.Empty },
        { Inconsistent(B, A), Paired(A), GenerationRelation.OwnUnusable, Guid.Empty },
        { Inconsistent(A), Outdated(A), GenerationRelation.OwnUnusable, Guid.Empty },
        { Paired(A) with { Standing = DataStanding.Unknown }, Alone(A), GenerationRelation.OwnUnusable, Guid.Empty },
        { Alone(A) with { Current = Guid.Empty }, Alone(A), GenerationRelation.OwnUnusable, Guid.Empty },

        { Paired(A), Paired(A), GenerationRelation.Same, A },
        { Paired(A, B), Paired(A), GenerationRelation.Same, A },
        { Alone(A), Alone(A), GenerationRelation.Diverged, A },
        { Outdated(A), Outdated(A), GenerationRelation.Diverged, A },
        { Alone(A), Paired(A), GenerationRelation.OwnIsNewer, A },
        { Alone(A), Outdated(A), GenerationRelation.OwnIsNewer, A },
        { Paired(A), Outdated(A), GenerationRelation.OwnIsNewer, A },

        { Paired(A), Alone(B, A), GenerationRelation.PeerIsNewer, A },
        { Paired(A), Paired(B, A), GenerationRelation.PeerIsNewer, A },
        { Outdated(A), Alone(B, A), GenerationRelation.PeerIsNewer, A },
        { Alone(A), Alone(C, B, A), GenerationRelation.PeerIsNewer, A },
        { Paired(A, D), Outdated(B, A, D), GenerationRelation.PeerIsNewer, A },

        { Alone(B, A), Alone(C, A), GenerationRelation.Diverged, A },
        { Paired(B, A), Alone(C, A), GenerationRelation.Diverged, A },
        { Outdated(B, A), Alone(C, A), GenerationRelation.Diverged, A },
        { Alone(B, D, A), Alone(C, A), GenerationRelation.Diverged, A },
        { Alone(B, D, A), Alone(C, D, A), GenerationRelation.Diverged, D },
        { Alone(A, B), Alone(B, A), GenerationRelation.Diverged, Guid.Empty },

        { Alone(A), Alone(B), GenerationRelation.Unrelated, Guid.Empty },
        { Alone(A, C), Alone(B, D), GenerationRelation.Unrelated, Guid.Empty },
        { Alone(A, Guid.Empty), Alone(B, Guid.Empty), GenerationRelation.Unrelated, Guid.Empty },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void EveryCaseHasItsRelationFromBothSides(GenerationRecord own, GenerationRecord peer, GenerationRelation expected, Guid ancestor)
    {
        GenerationVerdict verdict = GenerationComparison.Compare(own, peer);
        GenerationVerdict seenByPeer = GenerationComparison.Compare(peer, own);

        Assert.Equal(expected, verdict.Relation);
        Assert.Equal(ancestor, verdict.Ancestor);
        Assert.NotEmpty(verdict.Rule);
        Assert.Equal(Mirrored(expected), seenByPeer.Relation);
        Assert.Equal(ancestor, seenByPeer.Ancestor);
    }

    [Fact]
    public void EveryPairOfStandingsAndHistoriesIsMirroredByThePeer()
    {
        foreach ((GenerationRecord own, GenerationRecord peer) in AllPairs())
        {
            GenerationRelation relation = GenerationComparison.Compare(own, peer).Relation;
            Assert.Equal(Mirrored(relation), GenerationComparison.Compare(peer, own).Relation);
        }
    }

    [Fact]
    public void AFirstChapterOnTwoNodesHasNoCommonOrigin()
    {
        GenerationRecord one = GenerationRecord.Empty.Begin(A) with { Standing = DataStanding.Alone };
        GenerationRecord other = GenerationRecord.Empty.Begin(B) with { Standing = DataStanding.Alone };

        Assert.Equal(GenerationRelation.Unrelated, GenerationComparison.Compare(one, other).Relation);
    }

    private static GenerationRelation Mirrored(GenerationRelation relation) => relation switch
    {
        GenerationRelation.PeerIsNewer => GenerationRelation.OwnIsNewer,
        GenerationRelation.OwnIsNewer => GenerationRelation.PeerIsNewer,
        GenerationRelation.OwnUnusable => GenerationRelation.PeerUnusable,
        GenerationRelation.PeerUnusable => GenerationRelation.OwnUnusable,
        _ => relation,
    };
}
