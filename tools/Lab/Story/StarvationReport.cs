using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;

namespace SafeKit.Lab.Story;

/// <summary>What a time without processors did to a farm of which no node died.</summary>
/// <param name="Taken">Part of all processors' time that the loops had, 0 to 1.</param>
/// <param name="Views">Views that were proposed although no node died: false failovers.</param>
/// <param name="Late">Times that a node saw that its own loop had been late.</param>
/// <param name="Said">The log's lines about both.</param>
public sealed record StarvationReport(
    TimeSpan Time, double Taken, int Views, int Late, WireReport Wire, LoadSnapshot Seen, IReadOnlyList<string> Said)
{
    public string Text =>
        $"{Time.TotalSeconds:0} s without processors ({Taken:P0} taken): {Views} view(s), late {Late} time(s); "
        + $"{Wire.Asked} packets asked, {Wire.Answered} answers, "
        + $"{Wire.AnsweredTwice} answered twice, {Wire.DoubleAnswers} connections with two nodes, {Wire.Lost} frames missed ({Wire.FindingText}); "
        + $"{Seen.Answers} requests answered, half of them within {Seen.PercentileMs(0.5):0} ms, "
        + $"errors: {Seen.ErrorText}{string.Concat(Said.Take(6).Select(line => "\n  " + line))}";
}
