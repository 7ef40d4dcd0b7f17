using SafeKit.Filter.Packets;
using SafeKit.Lab.Load;

namespace SafeKit.Lab.Crowd;

/// <summary>
/// One connection as its client keeps it, in 12 bytes: a client that only ever opens, sends one byte, and acknowledges one byte, with one
/// outstanding question at most. Numbers of its own begin at 0.
/// </summary>
public struct CrowdMember
{
    private uint _sent;
    private uint _received;

    public CrowdState State { get; private set; }

    /// <summary>Number of the node that answered last; 0 for none.</summary>
    public byte Node { get; private set; }

    /// <summary>Whether the last question is without an answer.</summary>
    public bool IsAsking { get; private set; }

    /// <summary>The segment that opens the connection, first or again.</summary>
    public TcpSegment Open(TcpSegment ends)
    {
        State = CrowdState.Opening;
        return ends with { Sequence = 0, Flags = TcpFlags.Syn };
    }

    /// <summary>Asks; again if the last question has no answer yet.</summary>
    public TcpSegment Ask(TcpSegment ends)
    {
        IsAsking = true;
        return Carry(ends, TcpFlags.Ack | TcpFlags.Push) with { Payload = 1 };
    }

    /// <summary>Takes in what came from the server; true when it must be acknowledged with <see cref="Acknowledge"/>.</summary>
    public bool Take(in TcpSegment segment)
    {
        if ((segment.Flags & TcpFlags.Reset) != 0)
        {
            State = CrowdState.Reset;
            return false;
        }

        if ((segment.Flags & TcpFlags.Syn) != 0)
            return TakeOpening(segment);
        if (State != CrowdState.Open)
            return false;
        if ((segment.Flags & TcpFlags.Fin) != 0)
        {
            State = CrowdState.Ended;
            return false;
        }

        // What was answered already comes again when the acknowledgement was lost.
        if (segment.PayloadBytes == 1 && segment.Sequence == _received && IsAsking)
        {
            _received++;
            _sent++;
            IsAsking = false;
            Node = segment.Payload!.Value;
        }

        return segment.PayloadBytes > 0;
    }

    public readonly TcpSegment Acknowledge(TcpSegment ends) => Carry(ends, TcpFlags.Ack);

    private readonly TcpSegment Carry(TcpSegment ends, TcpFlags flags) =>
        ends with { Sequence = _sent, Acknowledgement = _received, Flags = flags };

    private bool TakeOpening(in TcpSegment segment)
    {
        if (State == CrowdState.Opening && segment.Acknowledgement == 1)
        {
            State = CrowdState.Open;
            (_sent, _received) = (1, segment.Sequence + 1);
        }

        return State == CrowdState.Open;
    }
}
