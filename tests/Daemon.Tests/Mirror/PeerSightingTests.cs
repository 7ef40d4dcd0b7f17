using SafeKit.Daemon.Mirror;
using SafeKit.Membership;
using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>What the machine is told of the other node.</summary>
public sealed class PeerSightingTests
{
    private const ulong OwnLife = 100;
    private readonly List<MirrorPeer> _told = [];

    [Fact]
    public void AnEchoOfAnEarlierLifeOfThisNodeCountsForNothing()
    {
        var sighting = Sighting(null);
        sighting.Heard(new HeartContent { State = 2, Number = 7, EchoIncarnation = OwnLife - 1, EchoNumber = 50 }, 5);
        Assert.Equal(0, _told[^1].Echo);
        sighting.Heard(new HeartContent { State = 2, Number = 7, EchoIncarnation = OwnLife, EchoNumber = 3 }, 5);
        Assert.Equal(3, _told[^1].Echo);
        Assert.Equal(7, _told[^1].Said.Number);
    }

    [Fact]
    public void WhatIsEchoedBelongsToTheLifeInWhichItWasSaid()
    {
        var sighting = Sighting(null);
        sighting.Heard(new HeartContent { State = 1, Number = 40 }, 5);
        sighting.Heard(new HeartContent { State = 0, Number = 1 }, 6);
        Assert.Equal(5UL, sighting.IncarnationOf(_told[0]));
        Assert.Equal(5UL, sighting.IncarnationOf(_told[0]));
        Assert.Equal(6UL, sighting.IncarnationOf(_told[1]));
    }

    [Fact]
    public void TheSameIsToldOnceAndALostPeerKeepsItsLastWord()
    {
        var sighting = Sighting(null);
        var content = new HeartContent { State = (byte)MirrorState.Prim, Status = (byte)ModuleStatus.Ready };
        sighting.Heard(content, 5);
        sighting.Heard(content with { Resources = [new HeartResource("tcp.web", "up")] }, 5);
        Assert.Single(_told);
        sighting.Lost();
        Assert.Equal(MirrorPresence.Lost, _told[^1].Presence);
        Assert.Equal(MirrorState.Prim, _told[^1].Said.State);
        sighting.Late(true);
        Assert.True(_told[^1].Late);
    }

    [Theory]
    [InlineData(DataStanding.Alone, MirrorChoice.Lead)]
    [InlineData(DataStanding.Paired, MirrorChoice.Wait)]
    [InlineData(DataStanding.Outdated, MirrorChoice.Wait)]
    public void WhileThePeerIsLostTheOwnRecordDecides(DataStanding standing, MirrorChoice expected)
    {
        var record = GenerationRecord.Empty with { Current = Guid.NewGuid(), Standing = standing };
        var sighting = Sighting(() => record);
        sighting.Heard(Content(record with { Standing = DataStanding.Paired }, MirrorState.Stop), 5);
        sighting.Lost();
        Assert.Equal(expected, _told[^1].Verdict!.Choice);
    }

    [Fact]
    public void NewerDataOfThePeerIsSeen()
    {
        var record = GenerationRecord.Empty with { Current = Guid.NewGuid(), Standing = DataStanding.Paired };
        var sighting = Sighting(() => record);
        sighting.Heard(Content(record, MirrorState.Prim), 5);
        Assert.False(_told[^1].HasNewerData);
        sighting.Heard(Content(record.Begin(Guid.NewGuid()) with { Standing = DataStanding.Alone }, MirrorState.Alone), 5);
        Assert.True(_told[^1].HasNewerData);
        Assert.Equal(MirrorChoice.Follow, _told[^1].Verdict!.Choice);
        Assert.Equal(MirrorChoice.Wait, _told[^1].Meeting!.Choice);
    }

    [Theory]
    [InlineData(ModuleStatus.NotReady, MirrorChoice.Lead)]
    [InlineData(ModuleStatus.Transient, MirrorChoice.Wait)]
    public void APeerThatWaitsForItsOwnCheckerIsNotAboutToLead(ModuleStatus status, MirrorChoice expected)
    {
        // node2 is this node here, so that the lower name is the other's.
        var record = GenerationRecord.Empty with { Current = Guid.NewGuid(), Standing = DataStanding.Paired };
        var sighting = new PeerSighting("node2", "node1", () => record, _told.Add);
        sighting.Heard(Content(record, MirrorState.Wait) with { Status = (byte)status }, 5);
        Assert.Equal(expected, _told[^1].Verdict!.Choice);
    }

    [Fact]
    public void ARecordOfAnotherVersionIsNoRecord()
    {
        var record = GenerationRecord.Empty with { Current = Guid.NewGuid(), Standing = DataStanding.Paired };
        var sighting = Sighting(() => record);
        sighting.Heard(new HeartContent { State = (byte)MirrorState.Prim, Generation = new byte[] { 9, 9, 9 } }, 5);
        Assert.Equal(MirrorChoice.Wait, _told[^1].Verdict!.Choice);
        Assert.Null(_told[^1].Meeting);
    }

    private static HeartContent Content(GenerationRecord record, MirrorState state)
    {
        var bytes = new byte[GenerationRecordCodec.BytesMax];
        return new HeartContent { State = (byte)state, Generation = bytes.AsMemory(0, GenerationRecordCodec.Write(record, bytes)) };
    }

    private PeerSighting Sighting(Func<GenerationRecord>? record)
    {
        var sighting = new PeerSighting("node1", "node2", record, _told.Add);
        sighting.Begin(OwnLife);
        return sighting;
    }
}
