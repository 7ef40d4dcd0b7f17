using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>Real trees, real connection, real replay: whatever happens, both directories are the same in the end.</summary>
public sealed class EndToEndTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task AFreshSecondaryIsSurveyedAndFollows()
    {
        await using var pair = new MirrorPair();
        new RandomWriter(pair.PrimaryPath, 1).Run(300);
        new RandomWriter(pair.SecondaryPath, 2).Run(300);
        pair.Pair();
        new RandomWriter(pair.PrimaryPath, 3).Run(500);

        VerifyReport report = await pair.Leader.VerifyAsync(CancellationToken.None).WaitAsync(_limit);
        Assert.Empty(report.Differences);
        Assert.Equal(0, report.DifferenceCount);
        Assert.True(report.Files > 10, $"{report.Files} files were compared");
        await pair.AssertIdenticalAsync();
        Assert.Equal(pair.PrimaryStore.Current.AppliedSequence, pair.SecondaryStore.Current.AppliedSequence);
        Assert.Equal(pair.PrimaryStore.Current.Epoch, pair.SecondaryStore.Current.Epoch);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task ASurveyUnderARunningWriter(int seed)
    {
        await using var pair = new MirrorPair();
        new RandomWriter(pair.PrimaryPath, seed).Run(600);
        new RandomWriter(pair.SecondaryPath, seed + 100).Run(600);
        pair.Lead();
        pair.StartWriter(seed + 200);
        pair.Follow();
        pair.AwaitPaired();
        await pair.StopWriterAsync();
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task AfterACutTheSurvivorGoesOn()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        new RandomWriter(pair.PrimaryPath, 21).Run(300);
        pair.Wire.Cut();
        pair.PrimaryEvents.Await("lost paired");
        pair.Leader.Detach("test");
        new RandomWriter(pair.PrimaryPath, 22).Run(600);
        Assert.Equal(DataStanding.Alone, pair.PrimaryStore.Current.Standing);
        pair.Wire.Mend();
        pair.AwaitAttached(ReintegrationKind.Changes);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task CutAgainAndAgainUnderARunningWriter()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        pair.StartWriter(31);
        for (int i = 0; i < 5; i++)
        {
            pair.Wire.Cut();
            pair.PrimaryEvents.AwaitAny("lost");
            if (i % 2 == 0)
                pair.Leader.Detach("test");
            pair.Wire.Mend();
            pair.PrimaryEvents.AwaitAny("attached");
            if (i % 2 == 1)
                pair.PrimaryEvents.Await("up to date");
        }

        pair.Wire.Cut();
        pair.PrimaryEvents.AwaitAny("lost");
        pair.Wire.Mend();
        pair.PrimaryEvents.Await("up to date");
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task ASecondaryThatLeftInGoodOrderGetsTheJournal()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        pair.StartWriter(41);
        await pair.Follower.LeaveAsync().WaitAsync(_limit);
        pair.PrimaryEvents.Await("lost orderly paired");
        await pair.StopFollowerAsync();
        pair.Leader.Detach("test");
        await Task.Delay(300);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Changes);
        pair.AwaitPaired();
        await pair.StopWriterAsync();
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task TheNextRunOfThePrimaryGoesOnWithTheJournal()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        new RandomWriter(pair.PrimaryPath, 51).Run(200);
        await pair.LeaveAsync();
        await pair.StopFollowerAsync();
        pair.Lead(LeadOrder.Current);
        new RandomWriter(pair.PrimaryPath, 52).Run(200);
        await pair.LeaveAsync();
        pair.Lead(LeadOrder.Current);
        new RandomWriter(pair.PrimaryPath, 53).Run(200);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Changes);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task AfterACrashOfThePrimaryTheJournalIsNotTrusted()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        await pair.LeaveAsync();
        await pair.StopFollowerAsync();
        pair.Lead(LeadOrder.Current);
        new RandomWriter(pair.PrimaryPath, 61).Run(200);
        await pair.StopLeaderAsync();
        pair.Lead(LeadOrder.Current);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Survey);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task AFullCopyAsksNothing()
    {
        await using var pair = new MirrorPair();
        new RandomWriter(pair.PrimaryPath, 71).Run(300);
        new RandomWriter(pair.SecondaryPath, 72).Run(300);
        pair.Lead(LeadOrder.ForcedFullSync);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Full);
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task WhoSyncsWaitsUntilTheDecisionToGoOnAlone()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        pair.Wire.Cut();
        pair.PrimaryEvents.Await("lost paired");
        Task syncing = Task.Factory.StartNew(
            () =>
            {
                using var file = new FileStream(Path.Combine(pair.PrimaryPath, "f"), FileMode.Create);
                file.WriteByte(1);
                file.Flush(flushToDisk: true);
            },
            TaskCreationOptions.LongRunning);
        Assert.NotSame(syncing, await Task.WhenAny(syncing, Task.Delay(300)));
        Guid shared = pair.SecondaryStore.Current.Current;
        pair.Leader.Detach("test");
        await syncing.WaitAsync(_limit);

        // What was acknowledged without the other node belongs to a chapter that the other node does not have.
        Assert.NotEqual(shared, pair.PrimaryStore.Current.Current);
        Assert.Equal(shared, pair.PrimaryStore.Current.History[0]);
    }

    [Fact]
    public async Task WhoSyncsIsReleasedWhenTheOtherNodeIsBack()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        pair.Wire.Cut();
        pair.PrimaryEvents.Await("lost paired");
        Task syncing = Task.Factory.StartNew(
            () =>
            {
                using var file = new FileStream(Path.Combine(pair.PrimaryPath, "f"), FileMode.Create);
                file.Write(new byte[5000]);
                file.Flush(flushToDisk: true);
            },
            TaskCreationOptions.LongRunning);
        pair.Wire.Mend();
        await syncing.WaitAsync(_limit);
        Assert.Equal(5000, new FileInfo(Path.Combine(pair.SecondaryPath, "f")).Length);
        Assert.Equal(pair.SecondaryStore.Current.Current, pair.PrimaryStore.Current.Current);
        await pair.AssertIdenticalAsync();
    }
}
