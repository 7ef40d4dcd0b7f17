using SafeKit.Mirror.Tests.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Pair;

/// <summary>Both nodes' data together, with real mounts, real connections and real disks.</summary>
public class PairTests
{
    [MountFact]
    public async Task TheSecondGetsWhatIsThereAndWhatComes()
    {
        await using var pair = new NodePair();
        File.WriteAllText(Path.Combine(pair.A.Directory, "before"), "there before");
        File.WriteAllText(Path.Combine(pair.B.Directory, "stranger"), "is to go");
        await pair.PairUpAsync();
        File.WriteAllText(Path.Combine(pair.A.Directory, "after"), "written live");
        Assert.Equal("there before", File.ReadAllText(Path.Combine(pair.B.Directory, "before")));
        await AssertVerifiedAsync(pair);
        Assert.Equal("written live", File.ReadAllText(Path.Combine(pair.B.Directory, "after")));
        Assert.False(File.Exists(Path.Combine(pair.B.Directory, "stranger")));
    }

    [MountFact]
    public async Task NobodyWritesOnTheSecond()
    {
        await using var pair = new NodePair();
        await pair.PairUpAsync();
        var refused = Assert.ThrowsAny<Exception>(() => File.WriteAllText(Path.Combine(pair.B.Directory, "mine"), "x"));
        Assert.Contains("Read-only", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [MountFact]
    public async Task RolesAreExchangedAndOnlyChangesAreCopied()
    {
        await using var pair = new NodePair();
        File.WriteAllBytes(Path.Combine(pair.A.Directory, "big"), new byte[8 << 20]);
        await pair.PairUpAsync();
        File.WriteAllText(Path.Combine(pair.A.Directory, "one"), "1");
        await pair.A.Data.LeaveAsync(CancellationToken.None);
        Assert.Contains("orderly=True current=True", await pair.B.ExpectAsync("PrimaryLost"), StringComparison.Ordinal);
        await pair.B.Data.PromoteAsync(CancellationToken.None);
        Assert.Equal("1", File.ReadAllText(Path.Combine(pair.B.Directory, "one")));
        File.WriteAllText(Path.Combine(pair.B.Directory, "two"), "2");
        await pair.A.Data.FollowAsync(false, CancellationToken.None);
        Assert.Contains("Changes", await pair.B.ExpectAsync("PeerAttached"), StringComparison.Ordinal);
        await pair.B.ExpectAsync("PeerUpToDate");
        await AssertVerifiedAsync(pair);
        Assert.Equal("2", File.ReadAllText(Path.Combine(pair.A.Directory, "two")));
    }

    [MountFact]
    public async Task WhoLeavesWithADiskThatDidNotKeepEverythingIsCompared()
    {
        await using var pair = new NodePair();
        using var disk = new FaultyDisk(pair.A.Directory);
        try
        {
            await pair.PairUpAsync();
            disk.Break();

            // Nobody asks for the disk: only the end of leading does.
            File.WriteAllBytes(Path.Combine(pair.A.Directory, "big"), new byte[4 << 20]);
            await pair.A.Data.LeaveAsync(CancellationToken.None);
            Assert.Contains("the disk did not keep what was written", pair.A.Told, StringComparison.Ordinal);
            await pair.B.ExpectAsync("PrimaryLost");
            await pair.B.Data.PromoteAsync(CancellationToken.None);
            disk.Mend();
            await pair.A.Data.FollowAsync(false, CancellationToken.None);
            Assert.Contains("Survey", await pair.B.ExpectAsync("PeerAttached"), StringComparison.Ordinal);
            await pair.B.ExpectAsync("PeerUpToDate");
        }
        finally
        {
            await pair.A.Data.DisposeAsync();
        }
    }

    [MountFact]
    public async Task AStoppedSecondGetsOnlyWhatChanged()
    {
        await using var pair = new NodePair();
        string folder = Path.Combine(pair.A.Directory, "folder");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "big"), new byte[4 << 20]);
        await pair.PairUpAsync();
        await pair.B.Data.LeaveAsync(CancellationToken.None);
        Assert.Contains("orderly=True", await pair.A.ExpectAsync("PeerLost"), StringComparison.Ordinal);
        pair.A.Data.Detach("the other left");
        await pair.B.RestartAsync();
        File.Move(Path.Combine(folder, "big"), Path.Combine(pair.A.Directory, "moved"));
        using (var file = File.OpenWrite(Path.Combine(pair.A.Directory, "moved")))
        {
            file.Position = 2 << 20;
            file.Write("changed"u8);
        }

        Directory.Delete(folder);
        await pair.B.Data.FollowAsync(false, CancellationToken.None);
        Assert.Contains("Changes", await pair.A.ExpectAsync("PeerAttached"), StringComparison.Ordinal);
        await pair.A.ExpectAsync("PeerUpToDate");
        await AssertVerifiedAsync(pair);
        AssertEqualTrees(pair);
    }

    private static async Task AssertVerifiedAsync(NodePair pair)
    {
        VerifyReport report = await pair.A.Data.VerifyAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(report.DifferenceCount == 0, string.Join("\n", report.Differences) + "\n" + pair.Told);
    }

    private static void AssertEqualTrees(NodePair pair)
    {
        List<string> differences = TreeComparison.Differences(pair.A.Directory, pair.B.Directory);
        Assert.True(differences.Count == 0, string.Join('\n', differences) + "\n" + pair.Told);
    }
}
