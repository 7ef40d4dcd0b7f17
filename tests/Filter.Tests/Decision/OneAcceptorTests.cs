using SafeKit.Core;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>
/// The property that the product stands on: however the buckets are shared out, a packet to a virtual address that any
/// rule covers is taken by exactly one node, and twin and kernel agree on every packet, damaged ones included.
/// </summary>
public sealed class OneAcceptorTests
{
    private const int Seed = 20261121;

    [Fact]
    public void ExactlyOneNodeTakesByTheTwin()
    {
        var random = new Random(Seed);
        for (int table = 0; table < 20; table++)
        {
            DecisionState[] nodes = Partition(random, random.Next(1, 9));
            for (int i = 0; i < 2_500; i++)
            {
                byte[] frame = RandomFrames.Next(random);
                CheckOne([.. nodes.Select(node => PacketDecision.Decide(node, frame, "lo"))], frame);
            }
        }
    }

    [RootFact]
    public void ExactlyOneNodeTakesByTheKernel()
    {
        var random = new Random(Seed + 1);
        KernelNode[] kernels = [new(), new(), new()];
        try
        {
            for (int table = 0; table < 5; table++)
            {
                DecisionState[] nodes = Partition(random, kernels.Length);
                foreach ((KernelNode kernel, DecisionState state) in kernels.Zip(nodes))
                    kernel.Set(state);
                for (int i = 0; i < 1_000; i++)
                {
                    byte[] frame = RandomFrames.Next(random);
                    TraceVerdict[] verdicts = [.. kernels.Select(kernel => kernel.Trace(frame))];
                    CheckOne(verdicts, frame);
                    Assert.Equal(nodes.Select(node => PacketDecision.Decide(node, frame, "lo")), verdicts);
                }
            }
        }
        finally
        {
            Array.ForEach(kernels, kernel => kernel.Dispose());
        }
    }

    [RootFact]
    public void KernelAndTwinAgreeWhateverTheFlags()
    {
        var random = new Random(Seed + 2);
        using var kernel = new KernelNode();
        for (int table = 0; table < 8; table++)
        {
            DecisionState state = World.State(leaseMs: table % 2 == 0 ? 3_600_000 : -1);
            foreach (byte[] rows in state.Rows)
            {
                for (int bucket = 0; bucket < rows.Length; bucket++)
                    rows[bucket] = (byte)random.Next(8);
            }
            kernel.Set(state);
            for (int i = 0; i < 2_000; i++)
            {
                byte[] frame = RandomFrames.Next(random);
                Assert.Equal(PacketDecision.Decide(state, frame, "lo"), kernel.Trace(frame));
            }
        }
    }

    [RootFact]
    public void CountersSumUpToThePacketsSeen()
    {
        var random = new Random(Seed + 3);
        using var kernel = new KernelNode();
        kernel.Set(Partition(random, 2)[0]);
        int passed = 0;
        const int Packets = 3_000;
        for (int i = 0; i < Packets; i++)
            passed += kernel.Passes(RandomFrames.Next(random)) ? 1 : 0;
        long[] counters = kernel.Filter.ReadCounters();
        Assert.Equal(Packets, counters.Sum());
        Assert.Equal(passed, FilterReasons.All.Where(one => one.Verdict() != FilterVerdict.Drop).Sum(one => counters[(int)one]));
    }

    /// <summary>States of nodes among which every bucket has exactly one owner.</summary>
    private static DecisionState[] Partition(Random random, int count)
    {
        DecisionState[] nodes = [.. Enumerable.Range(0, count).Select(_ => World.State(RowFlags.None))];
        for (int group = 0; group < World.Plan.Groups.Count; group++)
        {
            for (int bucket = 0; bucket < Limits.BucketsPerGroup; bucket++)
                nodes[random.Next(count)].Rows[group][bucket] = (byte)RowFlags.Mine;
        }
        return nodes;
    }

    private static void CheckOne(TraceVerdict[] verdicts, byte[] frame)
    {
        string Describe() => $"{string.Join(", ", verdicts.Select(one => one.Reason))}: {Convert.ToHexString(frame)}";
        bool isTaken = verdicts.Any(one => one.Reason is FilterReason.Taken or FilterReason.NotMine);
        if (isTaken)
        {
            Assert.True(verdicts.Count(one => one.Reason == FilterReason.Taken) == 1, Describe());
            Assert.True(verdicts.Count(one => one.Reason == FilterReason.NotMine) == verdicts.Length - 1, Describe());
        }
        else
        {
            Assert.True(verdicts.Distinct().Count() == 1, Describe());
        }
    }
}
