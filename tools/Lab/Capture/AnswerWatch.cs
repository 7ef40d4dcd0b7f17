using System.Globalization;
using System.Runtime.InteropServices;
using SafeKit.Core;

namespace SafeKit.Lab.Capture;

/// <summary>
/// F4, packet by packet: which nodes answered each SYN, each segment with data and each echo request. A repeated packet is another
/// packet that looks the same, and nothing in an answer tells which of them it is for; so as many nodes may answer as there were copies.
/// </summary>
internal sealed class AnswerWatch
{
    private const int PacketsMax = 1 << 16;

    private readonly Dictionary<Packet, Seen> _packets = [];
    private readonly Queue<Packet> _order = new();

    public long Asked { get; private set; }

    public long Answered { get; private set; }

    public long AnsweredTwice { get; private set; }

    public void SeeRequest(in WireFrame frame, long atNs)
    {
        if (frame.IsEchoRequest)
            Ask(new Packet(KeyOfRequest(frame), Kind.Echo, frame.Echo), atNs);
        else if (frame.IsSyn)
            Ask(new Packet(KeyOfRequest(frame), Kind.Syn, frame.Sequence + 1), atNs);
        else if (frame.TcpBytes > 0)
            Ask(new Packet(KeyOfRequest(frame), Kind.Data, frame.Sequence + (uint)frame.TcpBytes), atNs);
    }

    /// <summary>The crime in words, or null.</summary>
    public string? SeeAnswer(string node, in WireFrame frame, long atNs)
    {
        if (frame.IsEchoReply)
            return Answer(new Packet(KeyOfAnswer(frame), Kind.Echo, frame.Echo), node, atNs);
        if (frame.Protocol != WireFrame.Tcp || (frame.TcpFlags & WireFrame.FlagAck) == 0)
            return null;
        // A reset that acknowledges is the answer to a SYN; to data it is a reset without one, which the heir of a dead node sends on purpose.
        return frame.IsSynAck || frame.IsRst
            ? Answer(new Packet(KeyOfAnswer(frame), Kind.Syn, frame.Acknowledgement), node, atNs)
            : Answer(new Packet(KeyOfAnswer(frame), Kind.Data, frame.Acknowledgement), node, atNs);
    }

    private static ConnectionKey KeyOfRequest(in WireFrame frame) =>
        new(frame.Source, frame.SourcePort, frame.Destination, frame.DestinationPort);

    private static ConnectionKey KeyOfAnswer(in WireFrame frame) =>
        new(frame.Destination, frame.DestinationPort, frame.Source, frame.SourcePort);

    private void Ask(Packet packet, long atNs)
    {
        Asked++;
        if (_packets.TryGetValue(packet, out var seen))
        {
            _packets[packet] = seen with { Copies = seen.Copies + 1, AskedNs = atNs };
            return;
        }

        if (_order.Count >= PacketsMax)
            _packets.Remove(_order.Dequeue());
        _order.Enqueue(packet);
        _packets[packet] = new Seen(1, atNs, null, 0);
    }

    private string? Answer(Packet packet, string node, long atNs)
    {
        if (!_packets.TryGetValue(packet, out var seen))
            return null;
        Answered++;
        if (seen.Nodes?.Contains(node, StringComparison.Ordinal) == true)
            return null;
        seen = seen with
        {
            Nodes = string.Create(
                CultureInfo.InvariantCulture,
                $"{(seen.Nodes is null ? "" : $"{seen.Nodes} and ")}{node} (after {MonotonicClock.ToMs(atNs - seen.AskedNs):0.00} ms)"),
            NodeCount = seen.NodeCount + 1,
        };
        _packets[packet] = seen;
        if (seen.NodeCount <= seen.Copies)
            return null;
        AnsweredTwice++;
        return $"{packet.Kind} {packet.Number} from port {packet.Connection.ClientPort} ({seen.Copies} copies) was answered by {seen.Nodes}";
    }

    private enum Kind
    {
        Syn,
        Data,
        Echo,
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Packet(ConnectionKey Connection, Kind Kind, uint Number);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Seen(int Copies, long AskedNs, string? Nodes, int NodeCount);
}
