using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Tests.Stream;

public sealed class ReceiveQueueTests
{
    private const long WindowBytes = 64 << 20;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task AWholeWindowIsHeldWithoutWaiting()
    {
        var queue = new ReceiveQueue(WindowBytes);
        var reading = Task.Run(() =>
        {
            for (long bytes = 0; bytes < WindowBytes; bytes += ReceiveQueue.BlockBytes)
                queue.Publish(new ReceivedSlice(queue.TakeBlock()!, 0, ReceiveQueue.BlockBytes, IsLastOfBlock: true));
        });
        await reading.WaitAsync(_limit);
        queue.End();

        int taken = 0;
        while (queue.TryTake(TimeSpan.Zero, out ReceivedSlice slice))
        {
            queue.Release(slice.Block);
            taken++;
        }

        Assert.Equal(WindowBytes / ReceiveQueue.BlockBytes, taken);
    }

    [Fact]
    public async Task BeyondItTheReaderWaitsUntilTheEnd()
    {
        var queue = new ReceiveQueue(0);
        int blocks = 0;
        var reading = Task.Run(() =>
        {
            while (queue.TakeBlock() is not null)
                Interlocked.Increment(ref blocks);
        });
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref blocks) >= 8, TimeSpan.FromSeconds(20)));
        queue.End();
        await reading.WaitAsync(_limit);
        Assert.Equal(8, blocks);
    }

    /// <summary>A burst does not stay in memory: what is free beyond two blocks is the kernel's again, which reads as zeros.</summary>
    [Fact]
    public void AfterABurstTwoBlocksKeepTheirMemory()
    {
        const int Burst = 8;
        const int Middle = ReceiveQueue.BlockBytes / 2;
        var queue = new ReceiveQueue(WindowBytes);
        byte[][] blocks = [.. Enumerable.Range(0, Burst).Select(_ => queue.TakeBlock()!)];
        foreach (byte[] block in blocks)
            block[Middle] = 1;
        foreach (byte[] block in blocks)
            queue.Release(block);
        Assert.Equal(2, blocks.Count(block => block[Middle] == 1));

        byte[][] again = [.. Enumerable.Range(0, Burst).Select(_ => queue.TakeBlock()!)];
        Assert.Equal(blocks.ToHashSet(), again.ToHashSet());
    }
}
