using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Membership;

namespace SafeKit.Daemon.Tests.Farm;

/// <summary>vmac_directed: who announces what when the table of the entries changes.</summary>
public class EntryTakeoverTests
{
    [Fact]
    public void ALostEntryIsAnnouncedByExactlyOneNodeAndItsBucketsByTheirHeirs()
    {
        byte[] before = [0, 1, 2, 0, 1, 2];
        byte[] after = [0, 0, 2, 0, 2, 2];
        var takeovers = Enumerable.Range(0, 3).Select(self => EntryTakeover.Between(before, after, self)).ToList();
        Assert.All(takeovers, takeover => Assert.True(takeover.IsAnyLost));
        Assert.Equal([true, false, false], takeovers.Select(takeover => takeover.TellsEveryone));
        Assert.Equal([false, true, false, false, false, false], takeovers[0].Gained);
        Assert.Equal([false, false, false, false, true, false], takeovers[2].Gained);
    }

    [Fact]
    public void ANodeThatReturnsTellsOnlyItsOwnClients()
    {
        byte[] before = [0, 0, 2, 2];
        byte[] after = [0, 1, 2, 1];
        var takeover = EntryTakeover.Between(before, after, self: 1);
        Assert.False(takeover.IsAnyLost);
        Assert.Equal([false, true, false, true], takeover.Gained);
        Assert.DoesNotContain(true, EntryTakeover.Between(before, after, self: 0).Gained);
    }

    [Fact]
    public void ANodeThatStartsAloneTellsEverybodyAndOneThatJoinsDoesNot()
    {
        byte[] alone = [1, 1];
        byte[] joined = [1, 0];
        Assert.True(EntryTakeover.Between([], alone, self: 1) is { IsAnyLost: true, TellsEveryone: true });
        Assert.True(EntryTakeover.Between([], joined, self: 1) is { IsAnyLost: false, TellsEveryone: false });
        Assert.Equal([true, false], EntryTakeover.Between([], joined, self: 1).Gained);
    }

    [Fact]
    public void NothingNewIsNothingToTell()
    {
        byte[] table = [0, 1, BucketTable.Nobody];
        var takeover = EntryTakeover.Between(table, table, self: 0);
        Assert.False(takeover.IsAnyLost);
        Assert.DoesNotContain(true, takeover.Gained);
    }

    [Fact]
    public void TheRoutesNameOwnersThenFormerOwners()
    {
        var holders = new byte[2 * Limits.RouteHolders * Limits.BucketsPerGroup];
        RouteTable.Write(BucketTable.Empty(2), holders);
        Assert.All(holders, holder => Assert.Equal(BucketTable.Nobody, holder));
    }
}
