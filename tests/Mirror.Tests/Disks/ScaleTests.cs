using SafeKit.Mirror.Tests.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Disks;

/// <summary>One file of a hundred gigabytes with holes, and many files.</summary>
public sealed class ScaleTests
{
    private const long SparseBytes = 100L << 30;
    private const int Folders = 50;
    private const int FilesPerFolder = 1000;

    private static readonly long[] _islands = [0, 5_000_000_123, (50L << 30) + 4096, SparseBytes - 10_000];

    /// <summary>Reading a hundred gigabytes of zeros on both sides would take longer than the pair is waited for.</summary>
    [MountFact]
    public async Task ASparseFileOfAHundredGigabytesStaysSparse()
    {
        await using var pair = new MirrorPair();
        WriteIslands(Path.Combine(pair.PrimaryPath, "sparse"), 1);
        pair.Pair();
        AssertEqualAndSparse(pair);

        // A crash of the primary: the next connection compares everything, of which four kilobytes have changed.
        await pair.StopLeaderAsync();
        await pair.StopFollowerAsync();
        WriteIslands(Path.Combine(pair.PrimaryPath, "sparse"), 2, _islands[2]);
        pair.Lead(LeadOrder.Current);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Survey);
        pair.AwaitPaired();
        Assert.InRange(pair.Follower.Status.Bytes, 4096, 2 << 20);
        VerifyReport report = await pair.Leader.VerifyAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, report.DifferenceCount);
        AssertEqualAndSparse(pair);
    }

    [MountFact]
    public async Task AFullCopyOfASparseFileStaysSparseAndIsNotSlowedByItsHoles()
    {
        // At 32 MiB/s a hundred gigabytes would take an hour.
        await using var pair = new MirrorPair(settings => settings with { ReintegrationBytesPerSecond = 32 << 20 });
        WriteIslands(Path.Combine(pair.PrimaryPath, "sparse"), 1);
        pair.Lead(LeadOrder.ForcedFullSync);
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Full);
        pair.AwaitPaired();
        AssertEqualAndSparse(pair);
    }

    /// <summary>The million is the benchmark's; that ten changes cost ten changes is seen with fewer.</summary>
    [MountFact]
    public async Task TenChangesAmongManyFilesCostTenChanges()
    {
        await using var pair = new MirrorPair();
        for (int i = 0; i < Folders; i++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(pair.PrimaryPath, $"d{i}")).FullName;
            for (int k = 0; k < FilesPerFolder; k++)
                File.WriteAllBytes(Path.Combine(folder, $"f{k}"), [(byte)k]);
        }

        pair.Pair();
        await pair.Follower.LeaveAsync().WaitAsync(TimeSpan.FromSeconds(60));
        pair.PrimaryEvents.Await("lost orderly paired");
        await pair.StopFollowerAsync();
        pair.Leader.Detach("test");
        for (int i = 0; i < 10; i++)
            File.WriteAllText(Path.Combine(pair.PrimaryPath, $"d{i * 5}/f{i}"), "changed");
        pair.Follow();
        pair.AwaitAttached(ReintegrationKind.Changes);
        pair.AwaitPaired();
        Assert.InRange(pair.Follower.Status.Operations, 10, 200);
        await pair.AssertIdenticalAsync();
    }

    private static void WriteIslands(string path, byte value, params ReadOnlySpan<long> only)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate);
        file.SetLength(SparseBytes);
        byte[] island = new byte[4096];
        Array.Fill(island, value);
        foreach (long at in only.IsEmpty ? _islands : only)
        {
            file.Position = at;
            file.Write(island);
        }
    }

    private static void AssertEqualAndSparse(MirrorPair pair)
    {
        string one = Path.Combine(pair.PrimaryPath, "sparse");
        string other = Path.Combine(pair.SecondaryPath, "sparse");
        Assert.Equal(SparseBytes, new FileInfo(other).Length);
        Assert.Equal(Posix.Status(one).Blocks, Posix.Status(other).Blocks);
        Assert.InRange(Posix.Status(other).Blocks, 1UL, 1024UL);
        using FileStream left = File.OpenRead(one);
        using FileStream right = File.OpenRead(other);
        byte[] expected = new byte[8192];
        byte[] actual = new byte[8192];
        foreach (long at in _islands)
        {
            left.Position = right.Position = at;
            int bytes = left.ReadAtLeast(expected, expected.Length, throwOnEndOfStream: false);
            Assert.Equal(bytes, right.ReadAtLeast(actual, actual.Length, throwOnEndOfStream: false));
            Assert.Equal(expected, actual);
        }
    }
}
