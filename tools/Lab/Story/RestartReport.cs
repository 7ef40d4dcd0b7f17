using SafeKit.Lab.Load;

namespace SafeKit.Lab.Story;

/// <summary>What a series of restarts did to the clients and to the farm.</summary>
/// <param name="Changed">Restarts after which some node acted on another view than before, in words.</param>
/// <param name="Retransmitted">TCP segments that clients and nodes had to send again: packets that were lost.</param>
/// <param name="AwayMs">From the end of each daemon to the first word of the next one on the control socket.</param>
public sealed record RestartReport(
    LoadSnapshot Seen, double Seconds, IReadOnlyList<string> Changed, long Retransmitted, IReadOnlyList<double> AwayMs)
{
    public double RequestsPerSecond => Seen.Answers / Seconds;

    public string Text =>
        $"{AwayMs.Count} restarts, {Seen.Answers} answers ({RequestsPerSecond:0}/s), errors: {Seen.ErrorText}, sent again: {Retransmitted}, "
        + $"away at most {AwayMs.Max():0} ms, slowest answer {Seen.PercentileMs(1):0.0} ms; "
        + (Changed.Count == 0 ? "no view change" : $"{Changed.Count} view change(s): {string.Join("; ", Changed.Take(3))}");
}
