using System.Buffers.Binary;

namespace SafeKit.Core.Wire;

/// <summary>
/// Reads little-endian fields from bytes that came from outside. Reading past the end yields zeros and sets
/// <see cref="Failed"/> instead of throwing: a short frame is ordinary hostile input, not an exception.
/// </summary>
public ref struct WireReader(ReadOnlySpan<byte> buffer)
{
    private readonly ReadOnlySpan<byte> _buffer = buffer;
    private int _position;

    public bool Failed { get; private set; }

    public readonly int Remaining => _buffer.Length - _position;

    /// <summary>Everything was read and nothing was missing.</summary>
    public readonly bool Complete => !Failed && Remaining == 0;

    public byte Byte()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(byte));
        return Failed ? (byte)0 : field[0];
    }

    public ushort UInt16()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(ushort));
        return Failed ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(field);
    }

    public uint UInt32()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(uint));
        return Failed ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(field);
    }

    public ulong UInt64()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(ulong));
        return Failed ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(field);
    }

    public long Int64() => (long)UInt64();

    /// <summary>As <see cref="WireWriter.Varint"/> writes it; more than 28 bits are refused.</summary>
    public uint Varint()
    {
        const int BitsMax = 28;
        uint value = 0;
        for (int shift = 0; shift < BitsMax; shift += 7)
        {
            byte next = Byte();
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        Failed = true;
        return 0;
    }

    public UInt128 UInt128()
    {
        ReadOnlySpan<byte> field = Bytes(16);
        return Failed ? 0 : BinaryPrimitives.ReadUInt128LittleEndian(field);
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > Remaining || Failed)
        {
            Failed = true;
            return [];
        }

        ReadOnlySpan<byte> field = _buffer.Slice(_position, count);
        _position += count;
        return field;
    }
}
