using SafeKit.Core;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter.Tests.Support;

/// <summary>
/// The filter in the kernel, attached to nothing, set to the same state as its twin. Interfaces are numbered by their
/// names: <c>lo</c> is 1, as the test run's device; others are somewhere else.
/// </summary>
internal sealed class KernelNode : IDisposable
{
    public static readonly MacAddress OwnMac = MacAddress.Parse("02:00:00:00:00:01");

    private const int LoopbackIndex = 1;

    /// <summary>The node's MAC on its interfaces.</summary>
    public MacAddress Mac { get; init; } = OwnMac;

    /// <summary>As on an interface that cannot transmit from XDP.</summary>
    public bool AnswersAtTc { get; init; }

    public LoadedFilter Filter { get; } = LoadedFilter.Load();

    public void Set(DecisionState state)
    {
        int[] places = [.. Enumerable.Range(0, state.Plan.Groups.Count)];
        PlanWriter.Write(state.Plan, name => new PlanInterface(name == "lo" ? LoopbackIndex : 4242, Mac, false, AnswersAtTc), places, ref Filter.Plans[0]);
        for (int group = 0; group < places.Length; group++)
        {
            Span<byte> rows = Filter.Rows[group * SharedLimits.VersionsPerGroup];
            state.Rows[group].CopyTo(rows);
            Span<byte> routes = Filter.Routes[group * SharedLimits.VersionsPerGroup];
            state.Routes[group].CopyTo(routes);
        }
        foreach ((int node, MacAddress mac) in state.Members)
            Filter.SetMember(LoopbackIndex, node, mac);
        for (int slot = 0; slot < SharedLimits.SlotsMax; slot++)
            Filter.Control[0].Slots[slot].LeaseUntilNs = state.LeasesUntilNs[slot];
    }

    public TraceVerdict Trace(ReadOnlySpan<byte> frame) => Filter.Trace(frame, 0);

    /// <summary>Through the real program: true for XDP_PASS.</summary>
    public bool Passes(ReadOnlySpan<byte> frame)
    {
        const uint Drop = 1, Pass = 2;
        uint action = LoadedFilter.Run(Filter.Xdp, frame, 0, 1, out _);
        Invariant.That(action is Drop or Pass, "the filter drops or passes");
        return action == Pass;
    }

    /// <summary>Through the real program: what becomes of the frame.</summary>
    public (FilterVerdict Verdict, byte[] Frame) Process(ReadOnlySpan<byte> frame)
    {
        byte[] after = LoadedFilter.RunForFrame(Filter.Xdp, frame, out uint action);
        return (action switch
        {
            1 => FilterVerdict.Drop,
            2 => FilterVerdict.Pass,
            3 => FilterVerdict.Forward,
            _ => throw new InvariantException($"the filter returned {action}"),
        }, after);
    }

    public void Dispose() => Filter.Dispose();
}
