namespace SafeKit.Lab.Load;

/// <summary>Latencies in buckets that grow by a tenth each: percentiles to 10 % in a fixed 1.4 KiB.</summary>
public sealed class LatencyHistogram
{
    private const int Buckets = 170;
    private const double FirstMs = 0.01;
    private const double Growth = 1.1;

    private readonly long[] _counts;

    public LatencyHistogram() => _counts = new long[Buckets];

    private LatencyHistogram(long[] counts) => _counts = counts;

    public void Add(double ms)
    {
        var bucket = ms <= FirstMs ? 0 : (int)Math.Ceiling(Math.Log(ms / FirstMs) / Math.Log(Growth));
        _counts[Math.Min(bucket, Buckets - 1)]++;
    }

    public LatencyHistogram Copy() => new((long[])_counts.Clone());

    public LatencyHistogram Combine(LatencyHistogram other, int sign) =>
        new(_counts.Zip(other._counts, (mine, theirs) => mine + sign * theirs).ToArray());

    /// <summary>Upper bound of the bucket that holds the given part (0 to 1) of all; 0 when there is nothing.</summary>
    public double PercentileMs(double part)
    {
        var total = _counts.Sum();
        if (total == 0)
            return 0;
        var wanted = Math.Max(1, (long)Math.Ceiling(total * part));
        var seen = 0L;
        var bucket = 0;
        while (bucket < Buckets - 1 && (seen += _counts[bucket]) < wanted)
            bucket++;
        return FirstMs * Math.Pow(Growth, bucket);
    }
}
