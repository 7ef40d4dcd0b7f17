namespace SafeKit.Bench.Packets;

/// <summary>One thing measured through veth: who receives, what, and how much of it must be taken.</summary>
/// <param name="Name">Name in the report; the figures are called after it.</param>
/// <param name="Receiver">Null for the generator alone.</param>
/// <param name="Kind">The traffic.</param>
/// <param name="TakesThird">Whether a third is taken; otherwise nothing is.</param>
internal sealed record LinkSubject(string Name, PacketReceiver? Receiver, TrafficKind Kind, bool TakesThird)
{
    /// <summary>Packets of a sample, found by <see cref="LinkBenchmark"/>: as many as take the time wanted.</summary>
    public int Packets { get; set; }

    /// <summary>Nanoseconds of CPU per packet less the generator's of the same round.</summary>
    public List<double> Samples { get; } = [];
}
