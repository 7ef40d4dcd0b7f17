using System.Buffers.Binary;
using SafeKit.Core.Wire;

namespace SafeKit.Filter.Probing;

/// <summary>
/// A frame by which <c>safekit vip test</c> finds out what the network delivers: Ethertype 0x88B5 (IEEE 802, local experimental), 64 bytes.
/// It carries no secret and is not sealed: who forges one spoils a diagnosis, nothing else.
/// </summary>
/// <param name="Destination">MAC it is for; must be that of its kind.</param>
/// <param name="Kind">What it is to find out.</param>
/// <param name="Sender">Number of the node that sends it.</param>
/// <param name="Nonce">Random number of the test that it belongs to.</param>
public readonly record struct ProbeFrame(MacAddress Destination, ProbeKind Kind, byte Sender, UInt128 Nonce)
{
    public const ushort EtherType = 0x88B5;
    public const int Bytes = 64;

    private const int HeaderBytes = 2 * MacAddress.Bytes + sizeof(ushort);
    private const uint Magic = 0x54564B53; // "SKVT"
    private const byte Version = 1;

    /// <param name="source">The sender's own MAC: a virtual one that a switch once saw as a source would not be flooded any more.</param>
    /// <param name="frame">Room for <see cref="Bytes"/>.</param>
    public void Write(MacAddress source, Span<byte> frame)
    {
        frame[..Bytes].Clear();
        Destination.Write(frame);
        source.Write(frame[MacAddress.Bytes..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[(2 * MacAddress.Bytes)..], EtherType);
        var body = new WireWriter(frame[HeaderBytes..Bytes]);
        body.UInt32(Magic);
        body.Byte(Version);
        body.Byte((byte)Kind);
        body.Byte(Sender);
        body.UInt128(Nonce);
    }

    /// <returns>null for any other frame.</returns>
    public static ProbeFrame? Read(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < Bytes || BinaryPrimitives.ReadUInt16BigEndian(frame[(2 * MacAddress.Bytes)..]) != EtherType)
            return null;
        var body = new WireReader(frame[HeaderBytes..Bytes]);
        bool isOurs = body.UInt32() == Magic && body.Byte() == Version;
        var kind = (ProbeKind)body.Byte();
        byte sender = body.Byte();
        UInt128 nonce = body.UInt128();
        return isOurs && Enum.IsDefined(kind) ? new ProbeFrame(MacAddress.Read(frame), kind, sender, nonce) : null;
    }
}
