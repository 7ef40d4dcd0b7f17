using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>A connection that this node's kernel does not know, in a bucket of which other nodes may hold some: its packets are held back.</summary>
public readonly struct HeldConnection
{
    internal HeldConnection(in HeldKey key, in HeldValue value, int group)
    {
        Key = key;
        ClientExpects = value.ClientExpects;
        Closes = value.Closes != 0;
        Group = group;
    }

    internal HeldKey Key { get; }

    /// <summary>Number of the next byte of the server, by the client's newest packet (RFC 9293: its acknowledgment number).</summary>
    public uint ClientExpects { get; }

    /// <summary>The client has closed it: what comes still is the end of the farewell, and it waits for nothing.</summary>
    public bool Closes { get; }

    /// <summary>Number of the group among those of its slot.</summary>
    public int Group { get; }

    public int Bucket => Key.Bucket;

    public IPEndPoint Client
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, Key.ClientHigh);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Key.ClientLow);
            return new IPEndPoint(new IPAddress(Key.Family == 4 ? bytes[12..] : bytes), Key.ClientPort);
        }
    }

    public IPEndPoint Server
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            MemoryMarshal.Write(bytes, Key.AddressHigh);
            MemoryMarshal.Write(bytes[8..], Key.AddressLow);
            ushort port = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(Key.ServerPort) : Key.ServerPort;
            return new IPEndPoint(new IPAddress(Key.Family == 4 ? bytes[8..12] : bytes), port);
        }
    }
}
