using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Farm;
using SafeKit.Filter;
using SafeKit.Filter.Probing;
using SafeKit.Modules;

namespace SafeKit.Daemon.Probing;

/// <summary>
/// Takes part in tests of the network that a node of the cluster has begun. Everything is bounded: tests, their time, their frames.
/// </summary>
/// <param name="vipOf">The virtual addresses of a module; throws where it has none.</param>
/// <param name="filterOn">Where the packet filter sits on an interface, and how it sends on.</param>
public sealed class ProbeDesk(
    ClusterContext cluster, Func<string, VipConfiguration> vipOf, Func<ProbeDevice, string> filterOn) : IDisposable
{
    /// <summary>Two administrators may test at the same time, with several interfaces each.</summary>
    public const int SessionsMax = 4;

    /// <summary>Every other node's own MAC, and one of each other kind.</summary>
    public const int TargetsMax = Limits.NodesMax + 4;

    private readonly Dictionary<UInt128, ProbeSession> _sessions = [];
    private readonly Lock _gate = new();

    /// <summary>Never throws for what the question says: the answer says it.</summary>
    public ProbeAnswer Answer(ProbeQuestion question)
    {
        try
        {
            var nonce = NonceOf(question.Nonce);
            var targets = TargetsOf(question.Targets);
            switch (question.Step)
            {
                case ProbeStep.Open:
                    return Open(question, nonce, targets);
                case ProbeStep.Send:
                    Session(nonce).Send(targets);
                    return new ProbeAnswer();
                case ProbeStep.Widen:
                    Session(nonce).Widen();
                    return new ProbeAnswer();
                case ProbeStep.Close:
                    return new ProbeAnswer(Sightings: Close(nonce));
                default:
                    throw new SafeKitException($"there is no step {(int)question.Step} of a test; do all nodes run the same version?");
            }
        }
        catch (Exception e) when (e is SafeKitException or SocketException or ObjectDisposedException)
        {
            return new ProbeAnswer(e.Message);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var session in _sessions.Values)
                session.Dispose();
            _sessions.Clear();
        }
    }

    private static UInt128 NonceOf(string? text) =>
        text is { Length: 32 } && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var nonce)
            ? nonce
            : throw new SafeKitException("a test is named by 32 hexadecimal digits");

    private static IReadOnlyList<(ProbeKind Kind, MacAddress Mac)> TargetsOf(IReadOnlyList<ProbeTarget>? targets)
    {
        if (targets is null || targets.Count > TargetsMax)
            throw new SafeKitException($"a test has at most {TargetsMax} targets");
        return [.. targets.Select(target => (KindOf(target?.Kind ?? default), MacAddress.Parse(target?.Mac ?? "")))];
    }

    private static ProbeKind KindOf(ProbeKind kind) =>
        Enum.IsDefined(kind) ? kind : throw new SafeKitException($"there is no kind {(int)kind} of test frames; do all nodes run the same version?");

    private ProbeAnswer Open(ProbeQuestion question, UInt128 nonce, IReadOnlyList<(ProbeKind Kind, MacAddress Mac)> accepted)
    {
        if (!IPAddress.TryParse(question.Address, out var address))
            throw new SafeKitException($"'{question.Address}' is no address");
        var place = ProbePlace.Find(question.Module, vipOf(question.Module), address);
        var device = ProbeDevice.Read(place.Interface);
        if (device.Mac.Value == 0)
            throw new SafeKitException(device.InvisibleProblem);
        lock (_gate)
        {
            Forget();
            if (_sessions.Count >= SessionsMax)
                throw new SafeKitException($"{_sessions.Count} tests are under way here already; try again in {ProbeSession.Life.TotalSeconds:0} s");
            if (_sessions.ContainsKey(nonce))
                throw new SafeKitException("this test has begun here already");
            _sessions.Add(nonce, NewSession(device, nonce, [place.VirtualMac, .. accepted.Select(a => a.Mac)]));
        }

        return new ProbeAnswer(Seat: new ProbeSeat(
            device.Name, $"{device.Mac}", $"{place.VirtualMac}", filterOn(device), device.InvisibleProblem, DirectedProblem(device)));
    }

    private ProbeSession NewSession(ProbeDevice device, UInt128 nonce, IEnumerable<MacAddress> accepted) =>
        new(device, cluster.Self, cluster.Configuration.Nodes.Count, nonce, accepted, ProbeSession.Life);

    /// <summary>Drops those whose time is over.</summary>
    private void Forget()
    {
        foreach (var (nonce, session) in _sessions.Where(s => s.Value.Listening.IsCompleted).ToList())
        {
            session.Dispose();
            _sessions.Remove(nonce);
        }
    }

    private ProbeSession Session(UInt128 nonce)
    {
        lock (_gate)
            return _sessions.GetValueOrDefault(nonce) ?? throw NotThere();
    }

    private IReadOnlyList<ProbeSighting> Close(UInt128 nonce)
    {
        ProbeSession? session;
        lock (_gate)
            _sessions.Remove(nonce, out session);
        using (session ?? throw NotThere())
            return session.Close();
    }

    private static SafeKitException NotThere() => new("this test is not known here: it took too long, or the daemon was started again meanwhile");

    private string DirectedProblem(ProbeDevice device)
    {
        var hasLan = cluster.Configuration.Lans.Any(
            l => l.Node(cluster.SelfName) is { } own && InterfaceFinder.Holding(own.BindAddress) == device.Name);
        return device.DirectedProblem.Length > 0 ? device.DirectedProblem
            : hasLan ? ""
            : $"no lan of cluster.xml lies on {device.Name}, so the other nodes' MACs cannot be known; add the network of the virtual address as a lan";
    }
}
