using System.Globalization;
using System.Security.Cryptography;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Filter;
using SafeKit.Filter.Probing;

namespace SafeKit.Daemon.Probing;

/// <summary>
/// One test of one virtual interface, led by the node that was asked: all open, all send, all say what arrived. So every pair of nodes is
/// tried in both directions, and a switch that treats its ports differently is found. Answers of other nodes are checked, not trusted.
/// </summary>
/// <param name="nodes">Names of all nodes of the cluster, by their numbers.</param>
/// <param name="ask">Asks a node (this one too) to do a step; a <see cref="SafeKitException"/> says why it did not answer.</param>
public sealed class ProbeRun(
    ProbePlace place, IReadOnlyList<string> nodes, Func<string, ProbeQuestion, CancellationToken, Task<ProbeAnswer>> ask)
{
    /// <summary>Frames are under way for microseconds; a busy machine reads them later.</summary>
    private static readonly TimeSpan _settle = TimeSpan.FromMilliseconds(300);

    private static readonly MacAddress _broadcast = new(0xFFFF_FFFF_FFFF);
    private readonly string _nonce = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly MacAddress _unknown = FreshMac();
    private readonly MacAddress _promiscuous = FreshMac();
    private readonly ProbeSeat?[] _seats = new ProbeSeat?[nodes.Count];
    private readonly string[] _errors = [.. nodes.Select(_ => "")];
    private readonly HashSet<(int Sender, int Receiver, ProbeKind Kind)> _seen = [];
    private bool _isWide;

    public async Task<VipTestReport> RunAsync(CancellationToken cancel)
    {
        await EachAsync(_ => Question(ProbeStep.Open, new ProbeTarget(ProbeKind.Unknown, $"{_unknown}")), Seat, cancel);
        await EachAsync(node => Question(ProbeStep.Send, Targets(node)), (_, _) => { }, cancel);
        await Task.Delay(_settle, cancel);
        await EachAsync(_ => Question(ProbeStep.Close), Collect, cancel);
        if (ProbeJudge.NeedsPromiscuous(Paths()))
            await WidenAsync(cancel);
        var probed = nodes.Select((name, i) => new ProbedNode(name, _errors[i].Length > 0 ? null : _seats[i], _errors[i])).ToList();
        var paths = Paths();
        var judgement = ProbeJudge.Judge(place.IsDirected, probed, paths);
        return new VipTestReport(
            place.Module,
            $"{place.Address}",
            $"{place.VirtualMac}",
            place.IsDirected ? ProbeJudge.Directed : ProbeJudge.Invisible,
            [.. probed.Select(n => new VipTestNode(n.Name, n.Seat?.Interface ?? "", n.Seat?.Mac ?? "", n.Seat?.Filter ?? "", n.ErrorText))],
            paths,
            judgement.Modes,
            judgement.Recommendation,
            judgement.Ok);
    }

    /// <summary>Locally administered, and new with every test: no switch has ever seen it.</summary>
    private static MacAddress FreshMac()
    {
        var bytes = RandomNumberGenerator.GetBytes(MacAddress.Bytes);
        bytes[0] = (byte)((bytes[0] & 0xFC) | 0x02);
        return MacAddress.Read(bytes);
    }

    private ProbeQuestion Question(ProbeStep step, params IReadOnlyList<ProbeTarget> targets) =>
        new(step, _nonce, place.Module, $"{place.Address}", targets);

    private List<ProbeTarget> Targets(int sender) =>
    [
        new ProbeTarget(ProbeKind.Broadcast, $"{_broadcast}"),
        new ProbeTarget(ProbeKind.Unknown, $"{_unknown}"),
        new ProbeTarget(ProbeKind.Virtual, $"{place.VirtualMac}"),
        .. _seats.Where((seat, i) => i != sender && seat is not null && _errors[i].Length == 0)
            .Select(seat => new ProbeTarget(ProbeKind.Own, seat!.Mac)),
    ];

    /// <summary>Another round, with every interface promiscuous: does the machine refuse what the switch delivers, or does it not deliver?</summary>
    private async Task WidenAsync(CancellationToken cancel)
    {
        _isWide = true;
        await EachAsync(_ => Question(ProbeStep.Open), Seat, cancel);
        await EachAsync(_ => Question(ProbeStep.Widen), (_, _) => { }, cancel);
        await EachAsync(_ => Question(ProbeStep.Send, new ProbeTarget(ProbeKind.Promiscuous, $"{_promiscuous}")), (_, _) => { }, cancel);
        await Task.Delay(_settle, cancel);
        await EachAsync(_ => Question(ProbeStep.Close), Collect, cancel);
    }

    /// <summary>Asks all nodes at once that have taken part until now. Whoever fails takes part no more.</summary>
    private Task EachAsync(Func<int, ProbeQuestion> question, Action<int, ProbeAnswer> take, CancellationToken cancel) =>
        Task.WhenAll(Enumerable.Range(0, nodes.Count).Where(i => _errors[i].Length == 0).Select(async i =>
        {
            try
            {
                var answer = await ask(nodes[i], question(i), cancel);
                if (answer.Problem is { } problem)
                    throw new SafeKitException(problem);
                lock (_seen)
                    take(i, answer);
            }
            catch (SafeKitException e)
            {
                _errors[i] = e.Message.Length > 0 ? e.Message : "it does not say why";
            }
        }));

    private void Seat(int node, ProbeAnswer answer)
    {
        var seat = answer.Seat ?? throw Nonsense("no interface in it");
        var hasWords = seat is { Interface: not null, Filter: not null, InvisibleProblem: not null, DirectedProblem: not null };
        if (!hasWords || !IsMac(seat.Mac) || !IsMac(seat.VirtualMac))
            throw Nonsense("an interface without its properties");
        _seats[node] = seat;
    }

    private void Collect(int node, ProbeAnswer answer)
    {
        var sightings = answer.Sightings ?? throw Nonsense("no frames in it");
        if (sightings.Count > Limits.NodesMax * Enum.GetValues<ProbeKind>().Length)
            throw Nonsense($"{sightings.Count} kinds of frames");
        foreach (var sighting in sightings)
        {
            if (sighting is null || sighting.Sender >= nodes.Count || sighting.Sender == node || !Enum.IsDefined(sighting.Kind))
                throw Nonsense("a frame that nobody sent");
            _seen.Add((sighting.Sender, node, sighting.Kind));
        }
    }

    private List<VipTestPath> Paths()
    {
        var took = Enumerable.Range(0, nodes.Count).Where(i => _errors[i].Length == 0).ToList();
        return [.. from sender in took from receiver in took where sender != receiver select Path(sender, receiver)];
    }

    private VipTestPath Path(int sender, int receiver)
    {
        bool Has(ProbeKind kind) => _seen.Contains((sender, receiver, kind));
        return new VipTestPath(
            nodes[sender],
            nodes[receiver],
            Has(ProbeKind.Broadcast),
            Has(ProbeKind.Own),
            Has(ProbeKind.Unknown),
            Has(ProbeKind.Virtual),
            _isWide ? Has(ProbeKind.Promiscuous) : null);
    }

    private static bool IsMac(string? text)
    {
        try
        {
            return MacAddress.Parse(text ?? "").Value != 0;
        }
        catch (SafeKitException)
        {
            return false;
        }
    }

    private static SafeKitException Nonsense(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"its answer makes no sense ({what}); do all nodes run the same version?"));
}
