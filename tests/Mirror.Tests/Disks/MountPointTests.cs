using SafeKit.Core;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Tests.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Disks;

/// <summary>Directories and mounts: a disk of its own is the usual way to have data, a disk below the data is none.</summary>
public sealed class MountPointTests
{
    [LoopFact]
    public async Task ADirectoryMayBeAMountPoint()
    {
        await using var pair = new MirrorPair();
        using var one = new LoopDisk(64, pair.PrimaryPath);
        using var other = new LoopDisk(64, pair.SecondaryPath);
        try
        {
            new RandomWriter(pair.PrimaryPath, 95).Run(200);
            pair.Pair();
            new RandomWriter(pair.PrimaryPath, 96).Run(300);
            await pair.AssertIdenticalAsync();
            Assert.True(Directory.Exists(Path.Combine(pair.PrimaryPath, "lost+found")), "the disk is still mounted, and only our mount is gone");
        }
        finally
        {
            await pair.StopLeaderAsync();
            await pair.StopFollowerAsync();
        }
    }

    [LoopFact]
    public void AMountPointBelowIsRefusedWithTheRemedy()
    {
        using var outer = new LoopDisk(16);
        string data = outer.Sub("data");
        string below = Directory.CreateDirectory(Path.Combine(data, "deep/inner")).FullName;
        using (new LoopDisk(16, below))
            Assert.Contains($"umount {below}", Assert.Throws<SafeKitException>(() => TreeRoot.Open(data)).Message, StringComparison.Ordinal);
        TreeRoot.Open(data).Dispose();
    }

    [Fact]
    public void AMissingDirectoryIsNamedWithTheRemedy()
    {
        string message = Assert.Throws<SafeKitException>(() => TreeRoot.Open("/tmp/safekit-is-not-there")).Message;
        Assert.Matches("^/tmp/safekit-is-not-there: .*does not exist; create it, or mount", message);
    }
}
