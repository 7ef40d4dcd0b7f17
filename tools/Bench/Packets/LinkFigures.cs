using System.Globalization;

namespace SafeKit.Bench.Packets;

/// <summary>
/// From samples to the figures of the report. <c>third_taken</c>: a third ends in a socket; <c>third_handed_up</c>: it ends
/// where the stack looks for a route. See <see cref="TrafficKind"/>.
/// </summary>
internal static class LinkFigures
{
    public const string Generator = "generator";
    public const string Bare = "bare_drop";
    public const string Filter = "filter_dropped";
    public const string Nft = "nft_dropped";
    public const string NftPrerouting = "nft_prerouting_dropped";
    public const string NftMinimal = "nft_minimal_dropped";
    public const string Cluster = "cluster_dropped";
    public const string BareThird = "bare_third_taken";
    public const string FilterThird = "filter_third_taken";
    public const string NftThird = "nft_third_taken";
    public const string NftPreroutingThird = "nft_prerouting_third_taken";
    public const string NftMinimalThird = "nft_minimal_third_taken";
    public const string ClusterThird = "cluster_third_taken";
    public const string BareIpv6 = "bare_drop_ipv6";
    public const string FilterIpv6 = "filter_dropped_ipv6";
    public const string NftIpv6 = "nft_dropped_ipv6";

    public const string BareThirdRefused = "bare_third_handed_up";
    public const string FilterThirdRefused = "filter_third_handed_up";
    public const string NftThirdRefused = "nft_third_handed_up";
    public const string ClusterThirdRefused = "cluster_third_handed_up";

    private const double NsPerSecond = 1e9;

    private static readonly (string Name, string Above, string Below)[] _ratios =
    [
        ("filter_vs_bare_drop_ratio", Filter, Bare),
        ("nft_vs_filter_ratio", Nft, Filter),
        ("nft_prerouting_vs_filter_ratio", NftPrerouting, Filter),
        ("nft_minimal_vs_filter_ratio", NftMinimal, Filter),
        ("cluster_vs_filter_ratio", Cluster, Filter),
        ("filter_vs_bare_third_taken_ratio", FilterThird, BareThird),
        ("nft_vs_filter_third_taken_ratio", NftThird, FilterThird),
        ("nft_vs_bare_third_taken_ratio", NftThird, BareThird),
        ("cluster_vs_bare_third_taken_ratio", ClusterThird, BareThird),
        ("nft_prerouting_vs_filter_third_taken_ratio", NftPreroutingThird, FilterThird),
        ("nft_minimal_vs_filter_third_taken_ratio", NftMinimalThird, FilterThird),
        ("cluster_vs_filter_third_taken_ratio", ClusterThird, FilterThird),
        ("nft_vs_filter_third_handed_up_ratio", NftThirdRefused, FilterThirdRefused),
        ("cluster_vs_filter_third_handed_up_ratio", ClusterThirdRefused, FilterThirdRefused),
        ("filter_vs_bare_drop_ipv6_ratio", FilterIpv6, BareIpv6),
        ("nft_vs_filter_ipv6_ratio", NftIpv6, FilterIpv6),
    ];

    /// <summary>What each adds to the work that the stack has with a third of the packets anyway.</summary>
    private static readonly string[] _thirds = [FilterThird, NftThird, ClusterThird];

    public static void Report(BenchReport report, IReadOnlyDictionary<string, List<double>> samples)
    {
        foreach ((string name, List<double> ns) in samples)
            report.Measure($"{name}_cpu_ns", Samples.Median(ns), "ns/packet");
        report.Measure("filter_dropped_packets_per_cpu_s", NsPerSecond / Samples.Median(samples[Filter]), "packets/s");
        report.Measure("nft_dropped_packets_per_cpu_s", NsPerSecond / Samples.Median(samples[Nft]), "packets/s");
        foreach (string name in _thirds)
            report.Measure($"{name}_over_bare_ns", Samples.Median(PerRound(samples, name, BareThird, (a, b) => a - b)), "ns/packet");
        foreach ((string name, string above, string below) in _ratios)
        {
            double[] rounds = PerRound(samples, above, below, (a, b) => a / b);
            report.Measure(name, Samples.Median(rounds), "ratio");
            report.Say(string.Create(CultureInfo.InvariantCulture,
                $"half of the rounds from {rounds[rounds.Length / 4]:0.00} to {rounds[rounds.Length * 3 / 4]:0.00}"));
        }
    }

    /// <summary>What a function makes of the two samples of each round, in ascending order.</summary>
    private static double[] PerRound(
        IReadOnlyDictionary<string, List<double>> samples, string first, string second, Func<double, double, double> function) =>
        [.. samples[first].Zip(samples[second], function).Order()];
}
