using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Operations;

/// <summary>One whole operation as it lies in a buffer; valid as long as the buffer is.</summary>
public readonly ref struct Operation
{
    public OperationHeader Header { get; private init; }

    public ReadOnlySpan<byte> Name { get; private init; }

    public ReadOnlySpan<byte> OtherName { get; private init; }

    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>
    /// Reads the operation at the start of <paramref name="buffer"/>. The bytes may come from anywhere: lengths are checked against each other and
    /// against the buffer, the checksum against the content.
    /// </summary>
    public static OperationReadVerdict TryRead(ReadOnlySpan<byte> buffer, out Operation operation)
    {
        operation = default;
        if (buffer.Length < sizeof(uint))
            return OperationReadVerdict.Incomplete;
        uint bytes = MemoryMarshal.Read<uint>(buffer);
        if (bytes < OperationHeader.Size || bytes > OperationHeader.BytesMax)
            return OperationReadVerdict.Malformed;
        if (buffer.Length < bytes)
            return OperationReadVerdict.Incomplete;
        ReadOnlySpan<byte> whole = buffer[..(int)bytes];
        OperationHeader header = MemoryMarshal.Read<OperationHeader>(whole);
        long parts = (long)OperationHeader.Size + header.NameBytes + header.OtherNameBytes + header.DataBytes;
        if (parts != bytes || header.Checksum != OperationHeader.ChecksumOf(whole))
            return OperationReadVerdict.Malformed;
        ReadOnlySpan<byte> rest = whole[OperationHeader.Size..];
        operation = new Operation
        {
            Header = header,
            Name = rest[..header.NameBytes],
            OtherName = rest.Slice(header.NameBytes, header.OtherNameBytes),
            Data = rest[(header.NameBytes + header.OtherNameBytes)..],
        };
        return OperationReadVerdict.Complete;
    }
}
