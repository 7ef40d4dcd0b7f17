namespace SafeKit.Lab.Load;

/// <summary>What the clients have seen up to an instant; the difference of two is what they saw between.</summary>
public sealed record LoadSnapshot(
    long AtNs,
    long Sent,
    IReadOnlyDictionary<string, long> AnswersByNode,
    IReadOnlyDictionary<string, long> Errors,
    LatencyHistogram Latencies)
{
    public long Answers => AnswersByNode.Values.Sum();

    public long Failures => Errors.Values.Sum();

    public double PercentileMs(double part) => Latencies.PercentileMs(part);

    /// <summary>Kinds of errors and their counts, for messages.</summary>
    public string ErrorText =>
        Errors.Count == 0 ? "none" : string.Join(" ", Errors.OrderBy(e => e.Key).Select(e => $"{e.Key}={e.Value}"));

    /// <summary>Part of the answers that came from a node, 0 to 1.</summary>
    public double ShareOf(string node) => Answers == 0 ? 0 : AnswersByNode.GetValueOrDefault(node) / (double)Answers;

    public LoadSnapshot Since(LoadSnapshot earlier) => new(
        AtNs,
        Sent - earlier.Sent,
        Combine(AnswersByNode, earlier.AnswersByNode, sign: -1),
        Combine(Errors, earlier.Errors, sign: -1),
        Latencies.Combine(earlier.Latencies, sign: -1));

    public LoadSnapshot Plus(LoadSnapshot other) => new(
        Math.Max(AtNs, other.AtNs),
        Sent + other.Sent,
        Combine(AnswersByNode, other.AnswersByNode, sign: 1),
        Combine(Errors, other.Errors, sign: 1),
        Latencies.Combine(other.Latencies, sign: 1));

    private static Dictionary<string, long> Combine(
        IReadOnlyDictionary<string, long> left, IReadOnlyDictionary<string, long> right, int sign) =>
        left.Keys.Union(right.Keys)
            .Select(key => (key, count: left.GetValueOrDefault(key) + sign * right.GetValueOrDefault(key)))
            .Where(entry => entry.count != 0)
            .ToDictionary(entry => entry.key, entry => entry.count);
}
