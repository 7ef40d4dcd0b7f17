using System.Net;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Capture;

/// <summary>
/// Judges frames as they entered the switch, by the port they came in on. Knows nothing of sockets, so that it can be
/// tested with frames made up. One thread shows it frames; any thread may ask.
/// </summary>
public sealed class WireJudge
{
    private const int ConnectionsMax = 300_000;
    private const int AcceptedMax = 200_000;
    private const int FindingsMax = 50;
    private const int HeartbeatsMax = 256;

    /// <summary>No connection of the lab sends this much, so an acknowledgement further off is of another connection.</summary>
    private const uint BytesOfConnectionMax = 1 << 20;

    private static readonly ulong _virtualMac = WireFrame.Mac(LabAddresses.VirtualMac);

    private readonly Lock _lock = new();
    private readonly Dictionary<ConnectionKey, (uint FirstSequence, string? Node)> _connections = [];
    private readonly Queue<AcceptedConnection> _accepted = new();
    private readonly Queue<byte[]> _heartbeats = new();
    private readonly Dictionary<string, long> _acceptedByNode = [];
    private readonly Dictionary<string, long> _resetsByNode = [];
    private readonly List<string> _findings = [];
    private readonly AnswerWatch _answers = new();
    private readonly UInt128 _virtual4 = Number(LabAddresses.Virtual4);
    private readonly UInt128 _virtual6 = Number(LabAddresses.Virtual6);
    private long _frames;
    private long _doubleAnswers;
    private long _staleAnswers;
    private long _virtualMacAsSource;
    private long _wrongMacTold;
    private long _virtualMacTold;

    /// <summary>Frames that the capture lost; set by whoever captures.</summary>
    public long Lost { get; set; }

    public static UInt128 Number(IPAddress address)
    {
        var number = UInt128.Zero;
        foreach (var part in address.GetAddressBytes())
            number = number << 8 | part;
        return number;
    }

    public void See(string machine, ReadOnlySpan<byte> bytes, long atNs)
    {
        var frame = WireFrame.Parse(bytes);
        lock (_lock)
        {
            _frames++;
            if (frame.SourceMac == _virtualMac)
            {
                _virtualMacAsSource++;
                Find($"{machine} sent a frame with the virtual MAC as its source");
            }

            if (frame.TellsMac && IsVirtual(frame.ToldAddress))
                SeeTold(machine, frame);
            if (IsVirtual(frame.Destination))
                _answers.SeeRequest(frame, atNs);
            else if (IsVirtual(frame.Source) && _answers.SeeAnswer(machine, frame, atNs) is { } twice)
                Find(twice);
            if (frame.Protocol == WireFrame.Tcp && IsVirtual(frame.Destination))
                SeeRequest(frame);
            else if (frame.Protocol == WireFrame.Tcp && IsVirtual(frame.Source))
                SeeAnswer(machine, frame, atNs);
            else if (frame.Protocol == WireFrame.Udp && machine.StartsWith("node", StringComparison.Ordinal))
                KeepHeartbeat(bytes[Math.Min(frame.PayloadOffset, bytes.Length)..]);
        }
    }

    public WireReport Report()
    {
        lock (_lock)
            return new WireReport(
                _frames, Lost, _answers.Asked, _answers.Answered, _answers.AnsweredTwice,
                _doubleAnswers, _staleAnswers, _virtualMacAsSource, _wrongMacTold, _virtualMacTold,
                new Dictionary<string, long>(_acceptedByNode), new Dictionary<string, long>(_resetsByNode), [.. _findings]);
    }

    /// <summary>Connections accepted since an instant, in the order of the wire.</summary>
    public IReadOnlyList<AcceptedConnection> AcceptedSince(long ns)
    {
        lock (_lock)
            return _accepted.Where(accepted => accepted.AtNs >= ns).ToList();
    }

    /// <summary>Payloads of the last datagrams that nodes sent each other, for tests that replay or mutate them.</summary>
    public IReadOnlyList<byte[]> Heartbeats()
    {
        lock (_lock)
            return [.. _heartbeats];
    }

    private bool IsVirtual(UInt128 address) => address == _virtual4 || address == _virtual6;

    private void SeeTold(string machine, in WireFrame frame)
    {
        if (frame.ToldMac == _virtualMac)
        {
            _virtualMacTold++;
            return;
        }

        _wrongMacTold++;
        Find($"{machine} told that a virtual address has MAC {frame.ToldMac:x12}");
    }

    private void SeeRequest(in WireFrame frame)
    {
        if (!frame.IsSyn)
            return;
        var key = new ConnectionKey(frame.Source, frame.SourcePort, frame.Destination, frame.DestinationPort);
        if (_connections.TryGetValue(key, out var known) && known.FirstSequence == frame.Sequence)
            return;
        if (_connections.Count >= ConnectionsMax)
            _connections.Clear();
        _connections[key] = (frame.Sequence, null);
    }

    private void SeeAnswer(string node, in WireFrame frame, long atNs)
    {
        var key = new ConnectionKey(frame.Destination, frame.DestinationPort, frame.Source, frame.SourcePort);
        // A reset is not an answer: the heir of a dead node resets that one's connections on purpose.
        if (frame.IsRst)
        {
            _resetsByNode[node] = _resetsByNode.GetValueOrDefault(node) + 1;
            return;
        }

        if (!_connections.TryGetValue(key, out var connection))
            return;
        if (frame.IsSynAck)
        {
            if (connection.FirstSequence != frame.Acknowledgement - 1)
                return;
            _acceptedByNode[node] = _acceptedByNode.GetValueOrDefault(node) + 1;
            if (_accepted.Count >= AcceptedMax)
                _accepted.Dequeue();
            _accepted.Enqueue(new AcceptedConnection(atNs, node, key));
        }

        if (connection.Node is null)
        {
            if (frame.IsSynAck)
                _connections[key] = (connection.FirstSequence, node);
        }
        else if (connection.Node != node)
        {
            SeeSecondAnswer(key.ClientPort, connection.Node, node, frame.Acknowledgement - connection.FirstSequence);
        }
    }

    // A node that still remembers an older connection on the same ports (TIME_WAIT) may acknowledge that one.
    private void SeeSecondAnswer(ushort port, string first, string second, uint acknowledgedBytes)
    {
        if (acknowledgedBytes is 0 or > BytesOfConnectionMax)
        {
            _staleAnswers++;
            return;
        }

        _doubleAnswers++;
        Find($"port {port} was answered by {first} and by {second}");
    }

    private void KeepHeartbeat(ReadOnlySpan<byte> payload)
    {
        if (_heartbeats.Count >= HeartbeatsMax)
            _heartbeats.Dequeue();
        _heartbeats.Enqueue(payload.ToArray());
    }

    private void Find(string finding)
    {
        if (_findings.Count < FindingsMax)
            _findings.Add(finding);
    }
}
