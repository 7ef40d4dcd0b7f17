using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Daemon.Native;
using SafeKit.Filter;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// vmac_directed: where the other nodes are on the interfaces of the virtual addresses. Their addresses come from the lan in
/// cluster.xml that lies on the interface, their MACs from the kernel's table of neighbours, which heartbeats keep filled.
/// </summary>
public sealed class DirectedPeers : IDisposable
{
    private const int DiscardPort = 9;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(200);
    private readonly ModuleContext _context;
    private readonly ModuleLog _log;
    private readonly List<Peer> _peers;
    private readonly Dictionary<Peer, MacAddress> _known = [];
    private readonly Lock _turn = new();
    private Timer? _timer;
    private string _problem = "";

    /// <exception cref="SafeKitException">No lan of cluster.xml lies on one of the interfaces.</exception>
    public DirectedPeers(ModuleContext context, IEnumerable<FilterAddress> addresses, ModuleLog log)
    {
        _context = context;
        _log = log;
        _peers = [.. addresses.Select(a => a.Interface).Distinct().SelectMany(PeersOn)];
        _peers.ForEach(Nudge);
    }

    /// <summary>Whether the MAC is another node's, as far as the kernel knows.</summary>
    public bool IsMember(MacAddress mac)
    {
        var table = NeighbourTable.Read();
        return _peers.Exists(peer => table.TryGetValue((peer.Ifindex, peer.Address), out var its) && its == mac);
    }

    /// <summary>From now on the filter learns the MACs.</summary>
    public void Start() => _timer = new Timer(_ => Look(), null, TimeSpan.Zero, _interval);

    /// <summary>Names of the nodes whose MAC is not known yet.</summary>
    public IReadOnlyList<string> Unknown()
    {
        lock (_turn)
            return [.. _peers.Where(p => !_known.ContainsKey(p)).Select(p => _context.Cluster.Configuration.Nodes[p.Node]).Distinct()];
    }

    public void Dispose()
    {
        _timer?.Dispose();
        // A look that is under way ends before its map does.
        lock (_turn)
            _peers.Clear();
    }

    private IEnumerable<Peer> PeersOn(string interfaceName)
    {
        var configuration = _context.Cluster.Configuration;
        var lan = configuration.Lans.FirstOrDefault(
            l => l.Node(_context.Cluster.SelfName) is { } own && InterfaceFinder.Holding(own.BindAddress) == interfaceName)
            ?? throw new SafeKitException(
                $"type=\"vmac_directed\" on {interfaceName} needs the other nodes' addresses there: no lan of cluster.xml lies on this "
                + "interface; add the network of the virtual address as a lan");
        var ifindex = (int)EthernetTool.Index(interfaceName);
        return lan.Nodes
            .Where(n => n.Name != _context.Cluster.SelfName)
            .Select(n => new Peer(interfaceName, ifindex, configuration.Nodes.ToList().IndexOf(n.Name), n.Address))
            .ToList();
    }

    private void Look()
    {
        // A look that took longer than the interval is not followed by a crowd of others.
        if (!_turn.TryEnter())
            return;
        try
        {
            var table = _peers.Count == 0 ? null : NeighbourTable.Read();
            foreach (var peer in _peers)
            {
                if (!table!.TryGetValue((peer.Ifindex, peer.Address), out var mac))
                    Nudge(peer);
                else if (!_known.TryGetValue(peer, out var known) || known != mac)
                    Learn(peer, mac);
            }
        }
        catch (Exception e) when (e is SafeKitException or ObjectDisposedException)
        {
            // Tried again at the next look; the same problem is one line.
            if (_problem != e.Message)
                _log.Event("vip", e.Message);
            _problem = e.Message;
        }
        finally
        {
            _turn.Exit();
        }
    }

    private void Learn(Peer peer, MacAddress mac)
    {
        _context.Filter.SetMember(peer.Interface, peer.Node, mac);
        _known[peer] = mac;
        _log.Event("vip", $"{_context.Cluster.Configuration.Nodes[peer.Node]} ({peer.Address}) is at MAC {mac} on {peer.Interface}");
    }

    /// <summary>Makes the kernel ask for the MAC: an empty datagram to a port where nobody listens.</summary>
    private static void Nudge(Peer peer)
    {
        try
        {
            using var socket = new Socket(peer.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo([], new IPEndPoint(peer.Address, DiscardPort));
        }
        catch (SocketException)
        {
            // No way there at present; the next look tries again.
        }
    }

    private sealed record Peer(string Interface, int Ifindex, int Node, IPAddress Address);
}
