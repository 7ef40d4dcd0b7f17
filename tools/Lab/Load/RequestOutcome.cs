namespace SafeKit.Lab.Load;

/// <summary>What became of one request.</summary>
/// <param name="Node">Name of the node that answered; null when nobody did.</param>
/// <param name="Error">Kind of failure in one word; null when there was none.</param>
public readonly record struct RequestOutcome(string? Node, string? Error, long SentNs, long DoneNs)
{
    public bool Answered => Node is not null;

    public double LatencyMs => (DoneNs - SentNs) / 1e6;
}
