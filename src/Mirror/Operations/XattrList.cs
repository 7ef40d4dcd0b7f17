using SafeKit.Core.Wire;

namespace SafeKit.Mirror.Operations;

/// <summary>One extended attribute in the data of <see cref="OperationKind.Attributes"/>: name length (2), value length (4), name, value; one after the other.</summary>
public readonly ref struct XattrList
{
    public const int FixedBytes = 6;

    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> Value { get; init; }

    public int Bytes => FixedBytes + Name.Length + Value.Length;

    public int Write(Span<byte> target)
    {
        var writer = new WireWriter(target);
        writer.UInt16((ushort)Name.Length);
        writer.UInt32((uint)Value.Length);
        writer.Bytes(Name);
        writer.Bytes(Value);
        return writer.Position;
    }

    /// <summary>False when the bytes end within the attribute.</summary>
    public static bool TryRead(ref WireReader reader, out XattrList entry)
    {
        int nameBytes = reader.UInt16();
        uint valueBytes = reader.UInt32();
        entry = default;
        if (valueBytes > OperationHeader.BytesMax)
            return false;
        entry = new XattrList { Name = reader.Bytes(nameBytes), Value = reader.Bytes((int)valueBytes) };
        return !reader.Failed;
    }
}
