using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Reintegration;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.Disks;

/// <summary>The primary's disk is full: the application is told, what succeeded is on both nodes, and it goes on once there is room.</summary>
public sealed class FullDiskTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [LoopFact]
    public async Task TheApplicationHearsOfItAtTheLatestWhenItSyncs()
    {
        await using var pair = new MirrorPair();
        using var disk = new LoopDisk(32, pair.PrimaryPath);
        try
        {
            pair.Pair();
            string path = Path.Combine(pair.PrimaryPath, "large");
            Assert.Equal(Errno.ENOSPC, FillUntilTold(path));
            Assert.Matches("errors of the disk: .*errno 28.*make room", pair.PrimaryStatus.Problem);
            Assert.Contains("make room", pair.PrimaryEvents.History, StringComparison.Ordinal);

            File.Delete(path);
            byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

            // What the kernel had still under way of the deleted file may fail after a write that succeeded: the next one says that it is over.
            Assert.True(
                SpinWait.SpinUntil(() => IsWritten(path, content) && pair.PrimaryStatus.Problem is null, _limit), "there is no room again");
            Assert.Contains("takes changes again", pair.PrimaryEvents.History, StringComparison.Ordinal);
            Assert.Equal(content, File.ReadAllBytes(path));
            await pair.AssertIdenticalAsync();
        }
        finally
        {
            await pair.StopLeaderAsync();
        }
    }

    [LoopFact]
    public async Task EveryKindOfChangeFailsAsItDoesWithoutReplication()
    {
        await using var pair = new MirrorPair();
        using var disk = new LoopDisk(32, pair.PrimaryPath, "-b 4096 -I 256 -N 64");
        try
        {
            pair.Pair();
            string victim = Path.Combine(pair.PrimaryPath, "victim");
            File.WriteAllText(victim, "before");
            int errno = FillUntilTold(Path.Combine(pair.PrimaryPath, "large"));
            Assert.Equal(Errno.ENOSPC, errno);
            int file = Posix.Open(victim, LibC.O_RDWR);
            Assert.Equal(Errno.ENOSPC, Posix.Allocate(file, 0, 0, 64 << 20));
            Assert.Equal(Errno.ENOSPC, Posix.SetXattr(victim, "user.large", new byte[4000]));
            Assert.Equal(0, Posix.Close(file));
            Assert.Equal(Errno.ENOSPC, UntilRefused(i => Posix.MakeDirectory(Path.Combine(pair.PrimaryPath, $"d{i}"))));
            Assert.Equal(Errno.ENOSPC, UntilRefused(i =>
            {
                int made = Posix.Open(Path.Combine(pair.PrimaryPath, $"f{i}"), LibC.O_CREAT | LibC.O_WRONLY);
                return made < 0 ? -made : Posix.Close(made);
            }));

            // Replacing a name needs no room: this is how an application makes some.
            Assert.Equal(0, Posix.Unlink(Path.Combine(pair.PrimaryPath, "large")));

            // The room is there when the kernel has let go of the file.
            Assert.True(SpinWait.SpinUntil(() => Posix.SetXattr(victim, "user.large", new byte[4000]) == 0, _limit), "there is no room again");
            Assert.Equal("before", File.ReadAllText(victim)[..6]);
            await pair.AssertIdenticalAsync();
        }
        finally
        {
            await pair.StopLeaderAsync();
        }
    }

    /// <summary>Writes until write, fsync or close fails; with write-back the kernel may take far more than there is room for.</summary>
    private static int FillUntilTold(string path)
    {
        int file = Posix.Open(path, LibC.O_CREAT | LibC.O_RDWR);
        Assert.True(file >= 0, $"open: errno {-file}");
        byte[] piece = new byte[1 << 20];
        Array.Fill(piece, (byte)7);
        int told = 0;
        for (int i = 0; i < 64 && told == 0; i++)
        {
            int written = Posix.Write(file, piece);
            told = written < 0 ? -written : 0;
        }

        int synced = Posix.Fsync(file);
        int closed = Posix.Close(file);
        return told != 0 ? told : synced != 0 ? synced : closed;
    }

    private static bool IsWritten(string path, byte[] content)
    {
        int file = Posix.Open(path, LibC.O_CREAT | LibC.O_TRUNC | LibC.O_RDWR);
        int written = Posix.Write(file, content);
        int synced = Posix.Fsync(file);
        int closed = Posix.Close(file);
        return written == content.Length && synced == 0 && closed == 0;
    }

    private static int UntilRefused(Func<int, int> change)
    {
        for (int i = 0; i < 100_000; i++)
        {
            int errno = change(i);
            if (errno != 0)
                return errno;
        }

        return 0;
    }
}
