using System.Globalization;
using SafeKit.Core;

namespace SafeKit.Bench.Packets;

/// <summary>
/// CPU per packet from end to end through veth: our filter, a program that only drops, nftables and the cluster match,
/// each in a namespace of its own, on the same traffic. They take turns in short samples; ratios are taken within a
/// round, and the median of them is reported.
/// </summary>
internal sealed class LinkBenchmark(BenchPrograms programs, bool quick) : IDisposable
{
    private const int CalibrationPackets = 64 * 512;
    private const double SampleNs = 10e6;

    /// <summary>The buckets of a third of the clients are not exactly a third of the packets.</summary>
    private const double ShareTolerance = 0.03;

    private readonly PacketGenerator _generator = new(programs);
    private readonly List<LinkSubject> _subjects = [];
    private readonly List<PacketReceiver> _receivers = [];

    private int Rounds => quick ? 60 : 400;

    public void Run(BenchReport report, CancellationToken token)
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
        _subjects.Add(new LinkSubject(LinkFigures.Generator, null, false, false));
        PacketReceiver bare = Add(new BareReceiver(_generator, Next, programs.Drop), LinkFigures.Bare, false);
        Add(new BareReceiver(_generator, Next, programs.PassThird), LinkFigures.BareThird, true);
        PacketReceiver filter = Add(new FilterReceiver(_generator, Next, takesThird: false), LinkFigures.Filter, false);
        Add(new FilterReceiver(_generator, Next, takesThird: true), LinkFigures.FilterThird, true);
        PacketReceiver nft = AddNftables(NftablesRules.Ingress, LinkFigures.Nft, LinkFigures.NftThird);
        AddNftables(NftablesRules.Prerouting, LinkFigures.NftPrerouting, LinkFigures.NftPreroutingThird);
        AddNftables(NftablesRules.Minimal, LinkFigures.NftMinimal, LinkFigures.NftMinimalThird);
        Add(new ClusterMatchReceiver(_generator, Next, takesThird: false), LinkFigures.Cluster, false);
        Add(new ClusterMatchReceiver(_generator, Next, takesThird: true), LinkFigures.ClusterThird, true);
        _subjects.Add(new LinkSubject(LinkFigures.BareIpv6, bare, true, false));
        _subjects.Add(new LinkSubject(LinkFigures.FilterIpv6, filter, true, false));
        _subjects.Add(new LinkSubject(LinkFigures.NftIpv6, nft, true, false));
    }

    private int Next => _receivers.Count + 1;

    private PacketReceiver Add(PacketReceiver receiver, string name, bool takesThird)
    {
        _receivers.Add(receiver);
        _subjects.Add(new LinkSubject(name, receiver, false, takesThird));
        return receiver;
    }

    private PacketReceiver AddNftables(NftablesRules rules, string dropped, string third)
    {
        Add(new NftablesReceiver(_generator, Next, takesThird: true, rules), third, true);
        return Add(new NftablesReceiver(_generator, Next, takesThird: false, rules), dropped, false);
    }

    private void RunRound()
    {
        double generatorNs = 0;
        foreach (LinkSubject subject in _subjects)
        {
            double ns = _generator.MeasureNs(subject.Receiver, subject.IsIpv6, subject.Packets);
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
        double ns = _generator.MeasureNs(subject.Receiver, subject.IsIpv6, CalibrationPackets);
        subject.Packets = Math.Max((int)(SampleNs / ns), 1);
        if (subject.Receiver is null)
            return;
        (long Received, long Delivered) after = subject.Receiver.ReadCounters();
        long received = after.Received - before.Received;
        double share = (after.Delivered - before.Delivered) / (double)received;
        double expected = subject.TakesThird ? 1.0 / 3 : 0;
        // An interrupted sample is repeated, so the packets are a multiple of those asked for, and some of the kernel's own.
        if (received < CalibrationPackets || Math.Abs(share - expected) > ShareTolerance)
            throw new SafeKitException(string.Create(CultureInfo.InvariantCulture,
                $"{subject.Name} received {received} of {CalibrationPackets} packets and took {share:0.000} of them instead of {expected:0.000}"));
    }
}
