using System.Globalization;
using SafeKit.Core;

namespace SafeKit.Bench.Packets;

/// <summary>
/// CPU per packet from end to end through veth: our filter, a program that only drops, nftables and the cluster match,
/// each in a namespace of its own, on the same traffic. They take turns in short samples; ratios are taken within a
/// round, and the median of them is reported.
/// </summary>
internal sealed class LinkBenchmark(BenchPrograms programs, bool quick, CancellationToken token) : IDisposable
{
    private const int CalibrationPackets = 64 * 512;
    private const double SampleNs = 10e6;

    /// <summary>The buckets of a third of the clients are not exactly a third of the packets.</summary>
    private const double ShareTolerance = 0.03;

    private readonly PacketGenerator _generator = new(programs);
    private readonly List<LinkSubject> _subjects = [];
    private readonly List<PacketReceiver> _receivers = [];

    private int Rounds => quick ? 60 : 400;

    /// <summary>Number of the receiver to be made.</summary>
    private int Next => _receivers.Count + 1;

    public void Run(BenchReport report)
    {
        AddSubjects();
        foreach (LinkSubject subject in _subjects)
            Calibrate(subject);
        report.Say($"UDP of 60 bytes from {BenchTraffic.Clients} clients through veth, {Rounds} rounds of samples of " +
            $"{SampleNs / 1e6:0} ms; CPU of sending and receiving less the generator's; ratios within a round, medians");
        for (int round = 0; round < Rounds; round++)
        {
            token.ThrowIfCancellationRequested();
            RunRound();
        }
        foreach (LinkSubject subject in _subjects)
            Calibrate(subject);
        LinkFigures.Report(report, _subjects.ToDictionary(subject => subject.Name, subject => subject.Samples));
    }

    public void Dispose()
    {
        foreach (PacketReceiver receiver in _receivers)
            receiver.Dispose();
        _generator.Dispose();
    }

    private void AddSubjects()
    {
        _subjects.Add(new LinkSubject(LinkFigures.Generator, null, TrafficKind.Ipv4, false));
        PacketReceiver bare = Add(new BareReceiver(_generator, Next, programs.Drop), LinkFigures.Bare, false);
        PacketReceiver bareThird = Add(new BareReceiver(_generator, Next, programs.PassThird), LinkFigures.BareThird, true);
        PacketReceiver filter = Add(new FilterReceiver(_generator, Next, takesThird: false), LinkFigures.Filter, false);
        PacketReceiver filterThird = Add(new FilterReceiver(_generator, Next, takesThird: true), LinkFigures.FilterThird, true);
        PacketReceiver nft = Add(Nftables(NftablesRules.Ingress, false), LinkFigures.Nft, false);
        PacketReceiver nftThird = Add(Nftables(NftablesRules.Ingress, true), LinkFigures.NftThird, true);
        Add(Nftables(NftablesRules.Prerouting, false), LinkFigures.NftPrerouting, false);
        Add(Nftables(NftablesRules.Prerouting, true), LinkFigures.NftPreroutingThird, true);
        Add(Nftables(NftablesRules.Minimal, false), LinkFigures.NftMinimal, false);
        Add(Nftables(NftablesRules.Minimal, true), LinkFigures.NftMinimalThird, true);
        Add(new ClusterMatchReceiver(_generator, Next, takesThird: false), LinkFigures.Cluster, false);
        PacketReceiver clusterThird = Add(new ClusterMatchReceiver(_generator, Next, takesThird: true), LinkFigures.ClusterThird, true);
        _subjects.Add(new LinkSubject(LinkFigures.BareIpv6, bare, TrafficKind.Ipv6, false));
        _subjects.Add(new LinkSubject(LinkFigures.FilterIpv6, filter, TrafficKind.Ipv6, false));
        _subjects.Add(new LinkSubject(LinkFigures.NftIpv6, nft, TrafficKind.Ipv6, false));
        _subjects.Add(new LinkSubject(LinkFigures.BareThirdRefused, bareThird, TrafficKind.Ipv4Refused, true));
        _subjects.Add(new LinkSubject(LinkFigures.FilterThirdRefused, filterThird, TrafficKind.Ipv4Refused, true));
        _subjects.Add(new LinkSubject(LinkFigures.NftThirdRefused, nftThird, TrafficKind.Ipv4Refused, true));
        _subjects.Add(new LinkSubject(LinkFigures.ClusterThirdRefused, clusterThird, TrafficKind.Ipv4Refused, true));
    }

    private PacketReceiver Add(PacketReceiver receiver, string name, bool takesThird)
    {
        _receivers.Add(receiver);
        _subjects.Add(new LinkSubject(name, receiver, TrafficKind.Ipv4, takesThird));
        return receiver;
    }

    private NftablesReceiver Nftables(NftablesRules rules, bool takesThird) => new(_generator, Next, takesThird, rules);

    private void RunRound()
    {
        double generatorNs = 0;
        foreach (LinkSubject subject in _subjects)
        {
            double ns = _generator.MeasureNs(subject.Receiver, subject.Kind, subject.Packets);
            if (subject.Receiver is null)
                generatorNs = ns;
            subject.Samples.Add(subject.Receiver is null ? ns : ns - generatorNs);
        }
    }

    /// <summary>
    /// Finds the length of a sample, and makes sure that the receiver does its job: it gets every packet and takes
    /// its share. Done before and after.
    /// </summary>
    private void Calibrate(LinkSubject subject)
    {
        (long Received, long Delivered) before = subject.Receiver?.ReadCounters() ?? default;
        double ns = _generator.MeasureNs(subject.Receiver, subject.Kind, CalibrationPackets);
        subject.Packets = Math.Max((int)(SampleNs / ns), 1);
        if (subject.Receiver is null)
            return;
        (long Received, long Delivered) after = subject.Receiver.ReadCounters();
        long received = after.Received - before.Received;
        double share = (after.Delivered - before.Delivered) / (double)received;
        double expected = subject.TakesThird && subject.Kind != TrafficKind.Ipv4Refused ? 1.0 / 3 : 0;
        // An interrupted sample is repeated: more packets than asked for are no fault.
        if (received < CalibrationPackets || Math.Abs(share - expected) > ShareTolerance)
            throw new SafeKitException(string.Create(CultureInfo.InvariantCulture,
                $"{subject.Name} received {received} of {CalibrationPackets} packets and took a share of {share:0.000}, not {expected:0.000}"));
    }
}
