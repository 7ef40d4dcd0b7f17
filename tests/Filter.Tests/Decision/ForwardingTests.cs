using SafeKit.Core;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>
/// vmac_directed between nodes: by whatever entry a packet comes, its owner takes it; and whatever the tables say, random and
/// contradicting ones included, no packet goes round.
/// </summary>
public sealed class ForwardingTests
{
    private const int Seed = 20261128;

    [Fact]
    public void TheOwnerTakesByEveryEntry()
    {
        var random = new Random(Seed);
        for (int table = 0; table < 10; table++)
        {
            DecisionState[] nodes = Agreeing(random, random.Next(2, 9));
            DecisionState alone = DirectedWorld.State(0, 1).With(RowFlags.Mine);
            for (int i = 0; i < 1_000; i++)
            {
                byte[] frame = RandomFrames.Next(random);
                int entry = random.Next(nodes.Length);
                DirectedWorld.MacOf(entry).Write(frame);
                List<TraceVerdict> way = Walk(nodes, entry, frame);
                TraceVerdict last = way[^1];
                Assert.True(way.Count <= 2, Describe(way));
                bool isQuestion = last.Reason == FilterReason.NotMine &&
                    PacketDecision.Decide(alone, frame, "lo").Reason == FilterReason.NeighbourQuery;
                Assert.True(isQuestion ||
                    last.Reason is not (FilterReason.NotMine or FilterReason.ForwardEnded or FilterReason.ForwardUnknown), Describe(way));
                if (way.Count == 2)
                    Assert.True(last.Reason is FilterReason.Taken or FilterReason.TakenFragment, Describe(way));
            }
        }
    }

    [Fact]
    public void NoPacketGoesRoundWhateverTheTablesSay()
    {
        var random = new Random(Seed + 1);
        int hopsMost = 0;
        for (int table = 0; table < 40; table++)
        {
            DecisionState[] nodes = Contradicting(random, random.Next(2, 9));
            for (int i = 0; i < 2_000; i++)
                hopsMost = Math.Max(hopsMost, CheckFalling(Walk(nodes, random.Next(nodes.Length), RandomFrame(random, nodes.Length))));
        }
        // Long ways must have been among them, or the test has tried nothing.
        Assert.True(hopsMost >= 3, $"at most {hopsMost} hops");
    }

    [RootFact]
    public void KernelsSendOnAsTheirTwinsAndCountEveryPacketOnce()
    {
        var random = new Random(Seed + 2);
        KernelNode[] kernels = [.. Enumerable.Range(0, 4).Select(node => new KernelNode { Mac = DirectedWorld.MacOf(node) })];
        try
        {
            int seen = 0;
            for (int table = 0; table < 6; table++)
            {
                DecisionState[] nodes = Contradicting(random, kernels.Length, holdsConnections: false);
                foreach ((KernelNode kernel, DecisionState state) in kernels.Zip(nodes))
                    kernel.Set(state);
                for (int i = 0; i < 500; i++)
                    seen += WalkBoth(kernels, nodes, random.Next(nodes.Length), RandomFrame(random, nodes.Length));
            }
            Assert.Equal(seen, kernels.Sum(kernel => kernel.Filter.ReadCounters().Sum()));
        }
        finally
        {
            Array.ForEach(kernels, kernel => kernel.Dispose());
        }
    }

    /// <summary>The whole way of a frame; the frame changes as the nodes change it.</summary>
    private static List<TraceVerdict> Walk(DecisionState[] nodes, int entry, byte[] frame)
    {
        var way = new List<TraceVerdict>();
        int? at = entry;
        while (at is { } node)
        {
            TraceVerdict verdict = PacketDecision.Decide(nodes[node], frame, "lo");
            way.Add(verdict);
            Assert.True(way.Count <= nodes.Length + 2, Describe(way));
            Readdress(frame, node, verdict.Next);
            at = verdict.Next;
        }
        return way;
    }

    private static int WalkBoth(KernelNode[] kernels, DecisionState[] nodes, int entry, byte[] frame)
    {
        int seen = 0;
        int? at = entry;
        while (at is { } node)
        {
            TraceVerdict twin = PacketDecision.Decide(nodes[node], frame, "lo");
            Assert.Equal(twin, kernels[node].Trace(frame));
            (_, byte[] after) = kernels[node].Process(frame);
            seen++;
            Readdress(frame, node, twin.Next);
            Assert.Equal(frame, after);
            at = twin.Next;
            Assert.True(seen <= nodes.Length + 2, "the packet goes round");
        }
        return seen;
    }

    private static void Readdress(byte[] frame, int from, int? to)
    {
        if (to is not { } next)
            return;
        DirectedWorld.MacOf(next).Write(frame);
        DirectedWorld.MacOf(from).Write(frame.AsSpan(MacAddress.Bytes));
    }

    /// <summary>Behind the first hop the numbers of the nodes fall.</summary>
    private static int CheckFalling(List<TraceVerdict> way)
    {
        int[] next = [.. way.Where(verdict => verdict.Next is not null).Select(verdict => verdict.Next!.Value)];
        for (int i = 1; i < next.Length; i++)
            Assert.True(next[i] < next[i - 1], Describe(way));
        return next.Length;
    }

    /// <summary>To a random node's MAC, from a client or as if a member had sent it on; with any hop limit.</summary>
    private static byte[] RandomFrame(Random random, int nodes)
    {
        byte[] frame = RandomFrames.Next(random);
        DirectedWorld.MacOf(random.Next(nodes)).Write(frame);
        if (random.Next(3) == 0)
            DirectedWorld.MacOf(random.Next(nodes)).Write(frame.AsSpan(MacAddress.Bytes));
        if (frame.Length > 22)
            frame[22] = (byte)random.Next(256);
        return frame;
    }

    /// <summary>Nodes of one table.</summary>
    private static DecisionState[] Agreeing(Random random, int count)
    {
        DecisionState[] nodes = [.. Enumerable.Range(0, count).Select(node => DirectedWorld.State(node, count))];
        for (int group = 0; group < nodes[0].Rows.Length; group++)
        {
            for (int bucket = 0; bucket < Limits.BucketsPerGroup; bucket++)
            {
                int owner = random.Next(count);
                nodes[owner].Rows[group][bucket] = (byte)RowFlags.Mine;
                foreach (DecisionState node in nodes)
                    node.Routes[group][bucket] = (byte)owner;
            }
        }
        return nodes;
    }

    /// <summary>Nodes whose tables have nothing to do with each other.</summary>
    private static DecisionState[] Contradicting(Random random, int count, bool holdsConnections = true)
    {
        DecisionState[] nodes = [.. Enumerable.Range(0, count).Select(node =>
            DirectedWorld.State(node, count, random.Next(3) == 0 ? -1 : 3_600_000))];
        foreach (DecisionState node in nodes)
        {
            node.Fragments = null;
            if (holdsConnections)
                node.HoldsConnection = _ => random.Next(8) == 0;
            foreach (byte[] rows in node.Rows)
            {
                for (int bucket = 0; bucket < rows.Length; bucket++)
                    rows[bucket] = (byte)(random.Next(3) == 0 ? random.Next(8) : random.Next(2) == 0 ? 5 : 0);
            }
            foreach (byte[] routes in node.Routes)
            {
                for (int i = 0; i < routes.Length; i++)
                    routes[i] = random.Next(5) == 0 ? SharedLimits.NoNode : (byte)random.Next(count);
            }
        }
        return nodes;
    }

    private static string Describe(List<TraceVerdict> way) => string.Join(" > ", way);
}
