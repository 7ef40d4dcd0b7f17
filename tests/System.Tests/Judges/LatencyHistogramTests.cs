using SafeKit.Lab.Load;

namespace SafeKit.SystemTests.Judges;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_right_to_a_tenth()
    {
        var histogram = new LatencyHistogram();
        for (var ms = 1; ms <= 100; ms++)
            histogram.Add(ms);

        Assert.InRange(histogram.PercentileMs(0.50), 50, 56);
        Assert.InRange(histogram.PercentileMs(0.99), 99, 110);
    }

    [Fact]
    public void The_difference_of_two_is_what_came_between()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(1000);
        var before = histogram.Copy();
        histogram.Add(1);

        Assert.InRange(histogram.Combine(before, sign: -1).PercentileMs(1), 1, 1.1);
    }

    [Fact]
    public void Nothing_has_no_percentile() => Assert.Equal(0, new LatencyHistogram().PercentileMs(0.5));
}
