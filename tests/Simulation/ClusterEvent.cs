namespace SafeKit.Simulation;

/// <summary>Something that happens at an instant: an action of the scenario, a frame that arrives, or a timer of a node.</summary>
internal readonly struct ClusterEvent
{
    public Action? Action { get; init; }

    public SimulatedNode? Node { get; init; }

    public byte[]? Frame { get; init; }

    public int Length { get; init; }

    public int Lan { get; init; }

    public int From { get; init; }

    public long TickVersion { get; init; }
}
