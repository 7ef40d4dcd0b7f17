using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>Every row of <see cref="PacketTable"/>, by the twin and by the kernel.</summary>
public sealed class PacketTableTests(PacketTableTests.Fixture fixture) : IClassFixture<PacketTableTests.Fixture>
{
    private readonly Fixture _fixture = fixture;

    public static TheoryData<string> Names() => [.. PacketTable.All.Keys];

    [Fact]
    public void TheTableIsLongEnough() => Assert.True(PacketTable.All.Count >= 120, $"{PacketTable.All.Count} rows");

    [Theory]
    [MemberData(nameof(Names))]
    public void Twin(string name)
    {
        PacketRow row = PacketTable.All[name];
        Assert.Equal(row.Expected, Decide(row).Reason);
    }

    [RootTheory]
    [MemberData(nameof(Names))]
    public void Kernel(string name)
    {
        PacketRow row = PacketTable.All[name];
        TraceVerdict twin = Decide(row);
        KernelNode node = _fixture.Node;
        lock (node)
        {
            node.Set(World.State(row.Rows, row.LeaseMs));
            foreach (byte[] before in row.Before)
                node.Passes(before);
            Assert.Equal(twin, node.Trace(row.Frame));
            long[] counted = node.Filter.ReadCounters();
            bool passes = node.Passes(row.Frame);
            Assert.Equal(row.Expected.Verdict() != FilterVerdict.Drop, passes);
            long[] after = node.Filter.ReadCounters();
            counted[(int)row.Expected]++;
            Assert.Equal(counted, after);
        }
    }

    private static TraceVerdict Decide(PacketRow row)
    {
        DecisionState state = World.State(row.Rows, row.LeaseMs);
        state.Fragments = new FragmentMemory();
        foreach (byte[] before in row.Before)
            PacketDecision.Decide(state, before, "lo");
        return PacketDecision.Decide(state, row.Frame, "lo");
    }

    /// <summary>One filter for all rows.</summary>
    public sealed class Fixture : IDisposable
    {
        private readonly Lazy<KernelNode> _node = new(() => new KernelNode());

        internal KernelNode Node => _node.Value;

        public void Dispose()
        {
            if (_node.IsValueCreated)
                _node.Value.Dispose();
        }
    }
}
