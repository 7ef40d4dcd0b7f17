using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>Requests that come by the thousand allocate nothing on the managed heap.</summary>
[Collection(MountCollection.Name)]
public class HotPathTests
{
    private const int Rounds = 2000;
    private const int Attempts = 10;

    /// <summary>What the process may allocate meanwhile for reasons of its own: less than the smallest object (24 bytes) for each request of a kind.</summary>
    private const long BytesMax = Rounds * 20;

    [MountFact]
    public async Task WritingReadingAndSyncingAllocateNothing()
    {
        await using MountLab lab = MountLab.Mount(new NoRecorder(), new MountSettings { Index = 0, Wait = WaitPolicy.Sync });
        int fd = Posix.Open($"{lab.Path}/f", LibC.O_CREAT | LibC.O_RDWR | LibC.O_DIRECT);
        long allocated = await Task.Factory.StartNew(() => LeastAllocated(fd), TaskCreationOptions.LongRunning);
        Assert.Equal(0, Posix.Close(fd));
        Assert.InRange(allocated, 0, BytesMax);
    }

    /// <summary>The process allocates for others too, now and then; what a request allocates shows every time.</summary>
    private static long LeastAllocated(int fd)
    {
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > BytesMax; attempt++)
            least = Math.Min(least, Allocated(fd));
        return least;
    }

    private static unsafe long Allocated(int fd)
    {
        byte* page = (byte*)NativeMemory.AlignedAlloc(4096, 4096);
        long before = 0;
        for (int round = -100; round < Rounds; round++)
        {
            if (round == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            // An assertion for each call would allocate.
            if (LibC.pwrite(fd, page, 4096, 0) != 4096 || LibC.pread(fd, page, 4096, 0) != 4096 || LibC.fsync(fd) != 0)
                Assert.Fail($"round {round}: {Errno.Describe("fsync, read or write", Errno.Last)}");
        }
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        NativeMemory.AlignedFree(page);
        return allocated;
    }
}
