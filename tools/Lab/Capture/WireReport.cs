namespace SafeKit.Lab.Capture;

/// <summary>What the wire showed up to an instant; the difference of two is what it showed between.</summary>
/// <param name="Lost">Frames that the capture had no room for: with any, "never" is not proven.</param>
/// <param name="Asked">Packets of clients that ask for an answer: SYN, data, echo request; each repetition counts.</param>
/// <param name="Answered">Answers to them.</param>
/// <param name="AnsweredTwice">Packets that more nodes answered than there were copies of them.</param>
/// <param name="DoubleAnswers">Connections that two nodes answered.</param>
/// <param name="StaleAnswers">Answers of a second node that belong to an older connection on the same ports.</param>
/// <param name="VirtualMacAsSource">Frames with the virtual MAC as their Ethernet source.</param>
/// <param name="WrongMacTold">ARP and neighbour answers that gave a virtual address another MAC than the virtual one.</param>
/// <param name="Resets">RST frames from virtual addresses by node.</param>
public sealed record WireReport(
    long Frames,
    long Lost,
    long Asked,
    long Answered,
    long AnsweredTwice,
    long DoubleAnswers,
    long StaleAnswers,
    long VirtualMacAsSource,
    long WrongMacTold,
    long VirtualMacTold,
    IReadOnlyDictionary<string, long> Accepted,
    IReadOnlyDictionary<string, long> Resets,
    IReadOnlyList<string> Findings)
{
    public long ResetsOfAll => Resets.Values.Sum();

    /// <summary>F4: nothing was answered by two nodes, and no frame was missed, so that this is known.</summary>
    public bool IsClosed => this is { AnsweredTwice: 0, DoubleAnswers: 0, Lost: 0 };

    /// <summary>The first findings in words, for messages.</summary>
    public string FindingText => Findings.Count == 0 ? "nothing" : string.Join("; ", Findings.Take(3));

    public WireReport Since(WireReport earlier) => new(
        Frames - earlier.Frames,
        Lost - earlier.Lost,
        Asked - earlier.Asked,
        Answered - earlier.Answered,
        AnsweredTwice - earlier.AnsweredTwice,
        DoubleAnswers - earlier.DoubleAnswers,
        StaleAnswers - earlier.StaleAnswers,
        VirtualMacAsSource - earlier.VirtualMacAsSource,
        WrongMacTold - earlier.WrongMacTold,
        VirtualMacTold - earlier.VirtualMacTold,
        Minus(Accepted, earlier.Accepted),
        Minus(Resets, earlier.Resets),
        Findings.Skip(earlier.Findings.Count).ToList());

    private static Dictionary<string, long> Minus(
        IReadOnlyDictionary<string, long> now, IReadOnlyDictionary<string, long> before) =>
        now.ToDictionary(entry => entry.Key, entry => entry.Value - before.GetValueOrDefault(entry.Key));
}
